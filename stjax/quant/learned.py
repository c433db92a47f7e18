"""Ranges into and out of variables: observing them on data, and handing what was learned to the exporter."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import flax.linen as linen
import jax
import jax.numpy as jnp
from flax.core import unfreeze
from flax.traverse_util import flatten_dict, unflatten_dict

from stjax.nn import Layer, fold_batch_norm
from stjax.nn.layer import place_of
from stjax.quant.config import INPUT, QuantConfig
from stjax.quant.fake import Range, grid_of
from stjax.quant.interceptor import COLLECTION, HIGH, LOW, STEPS, fake_quantized

Variables = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Learned:
    """What the exporter needs of a network that was trained with fake quantization.

    Args:
      variables: its parameters, batch normalization folded, without ranges.
      grids: scale and zero point of int8 results by layer, and of the network's input.
      weight_bits: of kernels.
    """

    variables: dict[str, Any]
    grids: dict[str, tuple[float, int]]
    weight_bits: int


def learned(variables: Variables, config: QuantConfig) -> Learned:
    """Takes parameters and ranges apart.

    Args:
      variables: of a network that was trained inside `fake_quantized(config)`.

    Raises:
      ValueError: if results were quantized to other than 8 bits, a layer has no range yet, or two have the same name.
    """
    bits = config.activation_bits
    if bits not in (8, None):
        raise ValueError(f"activation_bits (={bits}) cannot be exported: int8 kernels do not round to fewer bits")
    params = {path: leaf for path, leaf in _leaves(variables.get("params", {})).items() if path[-1] not in (LOW, HIGH)}
    plain = {"params": _tree(params), "batch_stats": variables.get("batch_stats", {})}
    spans = _spans(variables)
    if bits is not None:
        spans[INPUT] = Range(*map(jnp.float32, config.input_range))
    grids = {}
    for name, span in spans.items():
        grid = grid_of(span, 8)
        grids[name] = float(grid.scale), int(grid.zero_point) - 128
    return Learned(fold_batch_norm(plain), grids, config.weight_bits or 8)


def with_results(network: Layer) -> Callable[[Variables, Any], tuple[jax.Array, dict[str, jax.Array]]]:
    """The network's clip face as a function that gives the results of all its layers as well, by place.

    In float; inside `fake_quantized`, as they are there. `export.to_tflite` takes it together with grids.

    Raises:
      ValueError: if two layers have the same place; name them.
    """

    def apply(variables: Variables, clip: Any) -> tuple[jax.Array, dict[str, jax.Array]]:
        results: dict[str, jax.Array] = {}

        def keep(call: Callable, arguments: Any, options: Any, context: Any) -> Any:
            value = call(*arguments, **options)
            if context.method_name == "tap" and arguments[0] == "output":
                _add(results, context.module.path, value)
            return value

        with linen.intercept_methods(keep):
            output: Any = network.apply(variables, clip)
        return output, results

    return apply


def observe(network: Layer, variables: Variables, clips: Iterable[Any], config: QuantConfig) -> dict[str, Any]:
    """Sets ranges to the lowest and highest values on some clips: to start from, or instead of training.

    Args:
      network: the layer or network.
      variables: its variables, with or without ranges.
      clips: one at a time.

    Returns:
      The variables with ranges: moving averages, or parameters for learned ranges.

    Raises:
      ValueError: if there are no clips.
    """
    watch = replace(config, ranges="moving", momentum=0.0, delay_steps=1 << 30)

    @jax.jit
    def ranges_of(clip: jax.Array) -> Any:
        with fake_quantized(watch):
            start: Any = network.init(jax.random.key(0), clip)
            everything = {**variables, COLLECTION: start.get(COLLECTION, {})}
            _, new = network.apply(everything, clip, mutable=[COLLECTION])
        return new.get(COLLECTION, {})

    found: dict[tuple[str, ...], jax.Array] = {}
    seen = False
    for clip in clips:
        seen = True
        for path, value in _leaves(ranges_of(jnp.asarray(clip, jnp.float32))).items():
            widest = jnp.minimum if path[-1] == LOW else jnp.maximum
            found[path] = widest(value, found.get(path, value))
    if not seen:
        raise ValueError("no clips to observe ranges on")
    if config.ranges == "moving":
        return {**variables, COLLECTION: _tree(found)}
    ends = {path: value for path, value in found.items() if path[-1] != STEPS}
    return {**variables, "params": _tree(_leaves(variables.get("params", {})) | ends)}


def _spans(variables: Variables) -> dict[str, Range]:
    """Ranges by place."""
    leaves = _leaves(variables.get("params", {})) | _leaves(variables.get(COLLECTION, {}))
    spans: dict[str, Range] = {}
    for path, value in leaves.items():
        if path[-1] == STEPS and not value:
            raise ValueError(f'layer "{place_of(path[:-1])}" has no range yet: train, or `observe` some clips')
        if path[-1] == LOW:
            _add(spans, path[:-1], Range(value, leaves[(*path[:-1], HIGH)]))
    return spans


def _add(found: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    place = place_of(path)
    if place in found or place == INPUT:
        raise ValueError(f'several layers have the place "{place}"; give them names')
    found[place] = value


def _leaves(tree: Mapping[str, Any]) -> dict[tuple[str, ...], jax.Array]:
    leaves: Any = flatten_dict(unfreeze(dict(tree)))
    return leaves


def _tree(leaves: Mapping[tuple[str, ...], jax.Array]) -> dict[str, Any]:
    return unflatten_dict(dict(leaves))
