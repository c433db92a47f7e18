"""Gives a quantized model other scales: those that quantization-aware training has learned, or coarser weights.

The integers of weights stay, those of biases follow their scales.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from export.tflite.model import Model
from verify.tflite.schema import RawOperator, RawQuantization, RawTensor

# Results have their operands' scale and zero point: these operators move stored values, or compare or average them.
_SAME_GRID = frozenset(
    {
        *("AVERAGE_POOL_2D", "CONCATENATION", "MAX_POOL_2D", "MAXIMUM", "MINIMUM", "PAD", "PADV2", "RESHAPE"),
        *("RESIZE_NEAREST_NEIGHBOR", "SLICE", "SPLIT", "STRIDED_SLICE", "TRANSPOSE"),
    }
)
# Their kernels assume one grid, whatever is asked for.
_FIXED_GRID = frozenset({"L2_NORMALIZATION", "LOGISTIC", "LOG_SOFTMAX", "SOFTMAX", "TANH"})

# Operators with weights, and the weights' axis of output channels.
_CHANNEL_AXES = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 0}


class Grid(NamedTuple):
    """The values that a tensor can hold: scale * (stored - zero_point), stored from -128 to 127."""

    scale: float
    zero_point: int


def spanning(low: float, high: float) -> Grid:
    """The grid from `low` to `high`, and to zero if they are on one side of it; zero lies on it exactly.

    Raises:
      ValueError: if the two are not finite, or not in order.
    """
    if not -np.inf < low < high < np.inf:
        raise ValueError(f"a range of values must be finite and not empty, found {low} to {high}")
    low, high = min(low, 0.0), max(high, 0.0)
    scale = float(np.float32((high - low) / 255))
    return Grid(scale, round(-128 - low / scale))


def with_grids(model: Model, wanted: Mapping[int, Grid]) -> Model:
    """The model with other scales and zero points of activations.

    Operators that only move values tie tensors together; where different grids are wanted for tensors that are tied,
    all get the coarsest, so that nothing is cut off.

    Args:
      wanted: grids by position of the tensor. Tensors that are not tied to one of them keep theirs.
    """
    if not wanted:
        return model
    ties = _Ties()
    for operator in model.operators:
        if operator.kind in _SAME_GRID:
            ties.tie(_quantized(model, operator))
    fixed = {ties.root(i) for op in model.operators if op.kind in _FIXED_GRID for i in op.outputs}
    grids: dict[int, Grid] = {}
    for key, grid in wanted.items():
        root = ties.root(key)
        if root not in fixed and (root not in grids or grid.scale > grids[root].scale):
            grids[root] = Grid(float(np.float32(grid.scale)), grid.zero_point)
    changed = {
        tensor.index: _on_grid(tensor, grids[ties.root(tensor.index)])
        for tensor in model.tensors
        if ties.root(tensor.index) in grids
    }
    return _with_biases(model.with_tensors(changed), model)


def with_weight_bits(model: Model, bits: int) -> Model:
    """The model with weights that use the range of so many bits only, one scale per output channel.

    Exact if the weights were on such a grid before they were quantized to 8 bits, as fake quantization leaves them.

    Args:
      bits: 2 to 8.
    """
    levels, stored_levels = (1 << (bits - 1)) - 1, 127
    changed = {}
    for operator in model.operators:
        if operator.kind in _CHANNEL_AXES:
            tensor = model.tensors[operator.inputs[1]]
            assert tensor.quantization is not None and tensor.contents is not None
            weights = np.rint(tensor.contents.view(np.int8) * (levels / stored_levels)).astype(np.int8)
            scale = tuple(float(np.float32(s * (stored_levels / levels))) for s in tensor.quantization.scale)
            quantization = replace(tensor.quantization, scale=scale)
            changed[tensor.index] = replace(tensor, contents=weights.view(np.uint8), quantization=quantization)
    return _with_biases(model.with_tensors(changed), model)


class _Ties:
    """Sets of tensors that share one grid."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}

    def root(self, key: int) -> int:
        while key in self._parents:
            key = self._parents[key]
        return key

    def tie(self, keys: Iterable[int]) -> None:
        roots = sorted({self.root(key) for key in keys})
        self._parents.update((root, roots[0]) for root in roots[1:])


def _quantized(model: Model, operator: RawOperator) -> list[int]:
    """The int8 tensors of an operator: not its shapes, paddings and axes."""
    return [i for i in (*operator.inputs, *operator.outputs) if i >= 0 and model.tensors[i].dtype == "INT8"]


def _on_grid(tensor: RawTensor, grid: Grid) -> RawTensor:
    """The tensor with this grid; a constant (a padding's value) keeps its real values as well as it can."""
    assert tensor.quantization is not None
    contents = tensor.contents
    if contents is not None:
        ((scale,), (zero_point,)) = tensor.quantization.scale, tensor.quantization.zero_point
        real = (contents.view(np.int8).astype(np.float64) - zero_point) * scale
        stored = np.clip(np.rint(real / grid.scale) + grid.zero_point, -128, 127)
        contents = stored.astype(np.int8).view(np.uint8)
    return replace(tensor, contents=contents, quantization=RawQuantization((grid.scale,), (grid.zero_point,), 0))


def _with_biases(model: Model, before: Model) -> Model:
    """`model`, whose inputs and weights have other scales than in `before`, with biases on the new scales' product."""
    tensors = list(model.tensors)
    operators = []
    for operator in model.operators:
        if operator.kind in _CHANNEL_AXES and len(operator.inputs) > 2 and operator.inputs[2] >= 0:
            bias = _rescaled_bias(model, before, operator)
            # A bias of its own: equal ones may have been stored once, and their scales part now.
            operator = replace(operator, inputs=(*operator.inputs[:2], len(tensors), *operator.inputs[3:]))
            tensors.append(replace(bias, index=len(tensors)))
        operators.append(operator)
    return replace(model, tensors=tuple(tensors), operators=tuple(operators))


def _rescaled_bias(model: Model, before: Model, operator: RawOperator) -> RawTensor:
    bias = model.tensors[operator.inputs[2]]
    assert bias.contents is not None
    old, new = _bias_scale(before, operator), _bias_scale(model, operator)
    stored = np.rint(bias.contents.view(np.int32) * (old / new))
    limits = np.iinfo(np.int32)
    contents = np.clip(stored, limits.min, limits.max).astype(np.int32).view(np.uint8)
    scale = tuple(float(s) for s in np.float32(new))
    return replace(bias, contents=contents, quantization=RawQuantization(scale, (0,) * len(scale), 0))


def _bias_scale(model: Model, operator: RawOperator) -> np.ndarray:
    source, weights = (model.tensors[operator.inputs[position]].quantization for position in (0, 1))
    assert source is not None and weights is not None
    return source.scale[0] * np.asarray(weights.scale, np.float64)
