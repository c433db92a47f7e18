"""How closely a fake-quantized forward pass equals the exported int8 model, layer by layer.

Differences are counted in steps of the grid of a layer's result, against TensorFlow Lite's reference kernels, in two
ways: each layer alone, given the int8 model's results of the layers before it, and the whole networks, where a step in
one layer is seen by those after it.
"""
# pyright: reportMissingImports=false

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import flax.linen as linen
import jax
import numpy as np
from jaxtyping import UInt8

from experiments.quantization.litert import reference_kernels
from export.tflite.model import read_model
from stjax.data import to_int8, to_real
from stjax.nn import Layer
from stjax.nn.layer import place_of
from stjax.quant import QuantConfig, fake_quantized
from verify.tflite.schema import RawQuantization


@dataclass(frozen=True)
class Difference:
    """Between two sets of stored values.

    Args:
      most: the largest, in steps.
      mean: of the magnitudes, in steps.
      exact: share of values without a difference.
    """

    most: int
    mean: float
    exact: float


@dataclass(frozen=True)
class Closeness:
    """Of one layer's results, over all clips.

    Args:
      layer: its place in the network.
      values: how many were compared.
      scale: of the result's grid; one step.
      alone: when all layers before it gave what the int8 model's gave.
      whole: when all layers run from the network's input on.
    """

    layer: str
    values: int
    scale: float
    alone: Difference
    whole: Difference


def closeness(
    network: Layer,
    variables: Mapping[str, Any],
    config: QuantConfig,
    contents: bytes,
    clips: Iterable[UInt8[np.ndarray, "time height width channels"]],
) -> list[Closeness]:
    """One entry per layer with a result of its own, in the order of the network.

    Args:
      network: the network.
      variables: as trained inside `fake_quantized(config)`, with ranges.
      config: of that training.
      contents: the .tflite file that `export.to_tflite` made of them.
      clips: compared on all of these.

    Raises:
      ValueError: if there are no clips.
    """
    model = read_model(contents)
    simulate, execute = _simulated(network, variables, config), reference_kernels(contents)
    grids = {tensor.name: tensor.quantization for tensor in model.tensors}
    alone: dict[str, list[np.ndarray]] = {}
    whole: dict[str, list[np.ndarray]] = {}
    for clip in clips:
        stored, pixels = execute(to_int8(clip)), to_real(clip)
        free = simulate(pixels, {})
        led = simulate(pixels, {layer: _real(stored[layer], grids[layer]) for layer in free})
        for layer in free:
            alone.setdefault(layer, []).append(_steps(led[layer], stored[layer], grids[layer]))
            whole.setdefault(layer, []).append(_steps(free[layer], stored[layer], grids[layer]))
    if not whole:
        raise ValueError("no clips to compare on")
    order = [model.tensors[key].name for operator in model.operators for key in operator.outputs]
    return [_closeness(layer, grids[layer], alone[layer], whole[layer]) for layer in order if layer in whole]


def _real(stored: np.ndarray, grid: RawQuantization | None) -> np.ndarray:
    assert grid is not None, "results are int8"
    return (stored.astype(np.float32) - grid.zero_point[0]) * np.float32(grid.scale[0])


def _steps(values: jax.Array, stored: np.ndarray, grid: RawQuantization | None) -> np.ndarray:
    assert grid is not None, "results are int8"
    nearest = np.rint(np.asarray(values).reshape(-1) / grid.scale[0]) + grid.zero_point[0]
    return np.abs(nearest - stored.reshape(-1).astype(int))


def _closeness(layer: str, grid: RawQuantization | None, alone: list[np.ndarray], whole: list[np.ndarray]) -> Closeness:
    assert grid is not None, "results are int8"
    first, second = np.concatenate(alone), np.concatenate(whole)
    return Closeness(layer, first.size, grid.scale[0], _difference(first), _difference(second))


def _difference(steps: np.ndarray) -> Difference:
    return Difference(int(steps.max()), float(steps.mean()), float((steps == 0).mean()))


def _simulated(
    network: Layer, variables: Mapping[str, Any], config: QuantConfig
) -> Callable[[np.ndarray, dict[str, np.ndarray]], dict[str, jax.Array]]:
    """(clip in [0, 1], results that are given) -> the fake-quantized results of all layers.

    A result that is given is what later layers get in place of that layer's own.
    """

    @jax.jit
    def results(clip: Any, given: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def exchange(call: Callable, arguments: Any, options: Any, context: Any) -> Any:
            value = call(*arguments, **options)
            if context.method_name != "tap" or arguments[0] != "output":
                return value
            layer = place_of(context.module.path)
            found[layer] = value
            return given[layer].reshape(value.shape) if layer in given else value

        with fake_quantized(config), linen.intercept_methods(exchange):
            network.apply(variables, clip)
        return found

    return results
