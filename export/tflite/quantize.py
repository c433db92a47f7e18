"""From a model in float to the same operators in int8: weights per output channel, activations per tensor.

Activations may have 16 bits instead, with zero points 0 and biases of 64 bits.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from export.tflite.errors import ConversionError
from export.tflite.grids import FIXED_GRIDS, SAME_GRID, Grid, Range, choose_grids
from export.tflite.layers import label
from export.tflite.model import Model
from verify.tflite.schema import RawOperator, RawQuantization, RawTensor

# Operators with weights, and the weights' axis of output channels.
_CHANNEL_AXES = {"CONV_2D": 0, "DEPTHWISE_CONV_2D": 3, "FULLY_CONNECTED": 0}

_ELEMENTWISE = frozenset({"ADD", "HARD_SWISH", "LEAKY_RELU", "MEAN", "MUL", "RELU", "RELU6", "SUB", "SUM"})

# The first versions with int8; runtimes refuse a version that they do not know.
_VERSIONS = {
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "FULLY_CONNECTED": 5,
    **dict.fromkeys(("HARD_SWISH", "RESHAPE", "EXPAND_DIMS", "SQUEEZE"), 1),
}
_OTHER_VERSION = 2

# The same with activations of int16 (tensorflow/lite/tools/versioning/op_version.cc).
_WIDE_VERSIONS = {
    "CONV_2D": 4,
    "DEPTHWISE_CONV_2D": 5,
    "FULLY_CONNECTED": 7,
    "MUL": 4,
    "SUB": 5,
    **dict.fromkeys(("RESHAPE", "EXPAND_DIMS", "SQUEEZE"), 1),
}
_OTHER_WIDE_VERSION = 3

# Runtimes for microcontrollers have no such kernel for int16.
_NARROW_ONLY = frozenset({"HARD_SWISH"})

# Options that say that scales of int16 need not be powers of two, which they otherwise would have to be.
_ANY_SCALE = {kind: {"pot_scale_int16": False} for kind in ("ADD", "SUB")}

# How far a bias may go in int32, and how finely it is stored where there is no weight to say it.
_BIAS_LIMIT, _BIAS_STEPS = 2.0**30, 2.0**20


def quantize(
    model: Model,
    ranges: Mapping[int, Range],
    grids: Mapping[int, Grid],
    weight_bits: int = 8,
    activation_bits: int = 8,
) -> Model:
    """Quantizes a model.

    Args:
      model: in float.
      ranges: lowest and highest value of every float tensor that is computed, by position; constants of element-by-
        element operators are added here.
      grids: grids of some of them that go before ranges (see `choose_grids`).
      weight_bits: 2 to 8. Weights have values from -(2^(bits-1) - 1) to that; they are stored as int8.
      activation_bits: 8 or 16.

    Raises:
      ConversionError: if an operator has no int8 kernel that is known here (or none for int16); the message names its
        layer.
    """
    wide = activation_bits == 16
    for operator in model.operators:
        _check(model, operator, wide)
    roles = _weights_and_biases(model)
    constants = {
        tensor.index: (float(values.min()), float(values.max()))
        for tensor in model.tensors
        if tensor.dtype == "FLOAT32" and tensor.contents is not None and tensor.index not in roles
        for values in [_values(tensor)]
    }
    chosen = choose_grids(model, {**ranges, **constants}, grids, activation_bits)
    draft = _Draft(model, chosen, (1 << (weight_bits - 1)) - 1, activation_bits)
    operators = tuple(draft.quantized(operator) for operator in model.operators)
    kinds = {operator.kind for operator in operators}
    known, other = (_WIDE_VERSIONS, _OTHER_WIDE_VERSION) if wide else (_VERSIONS, _OTHER_VERSION)
    versions = {kind: max(known.get(kind, other), model.versions.get(kind, 1)) for kind in kinds}
    return replace(model, tensors=tuple(draft.tensors), operators=operators, versions=versions)


def with_packed_weights(model: Model) -> Model:
    """The model with two weights in each byte. They must have 4 bits or fewer."""
    keys = {operator.inputs[1] for operator in model.operators if operator.kind in _CHANNEL_AXES}
    return model.with_tensors({key: _packed(model.tensors[key]) for key in keys})


def _packed(weights: RawTensor) -> RawTensor:
    assert weights.contents is not None
    nibbles = np.append(weights.contents, np.zeros(weights.contents.size % 2, np.uint8)) & 15
    return replace(weights, dtype="INT4", contents=nibbles[::2] | nibbles[1::2] << 4)


def _check(model: Model, operator: RawOperator, wide: bool) -> None:
    if wide and operator.kind in _NARROW_ONLY:
        raise ConversionError(f"{label(model, operator)} has no kernel on int16 that microcontrollers run")
    known = operator.kind in _CHANNEL_AXES or operator.kind in _ELEMENTWISE or operator.kind in FIXED_GRIDS[8]
    if not known and operator.kind not in SAME_GRID:
        raise ConversionError(
            f"{label(model, operator)} has no int8 kernel that microcontrollers run; write that part with operators "
            "that have one"
        )
    others = {model.tensors[key].dtype for key in operator.outputs} - {"FLOAT32"}
    if others:
        raise ConversionError(f"{label(model, operator)} computes {', '.join(sorted(others)).lower()}, not float")
    if operator.kind in _CHANNEL_AXES and model.tensors[operator.inputs[1]].contents is None:
        raise ConversionError(f"{label(model, operator)} has computed weights; they must be constant")


def _weights_and_biases(model: Model) -> set[int]:
    return {key for op in model.operators if op.kind in _CHANNEL_AXES for key in op.inputs[1:3] if key >= 0}


def _values(tensor: RawTensor) -> np.ndarray:
    assert tensor.contents is not None and tensor.dtype == "FLOAT32"
    return np.frombuffer(tensor.contents.tobytes(), np.float32).reshape(tensor.shape)


class _Draft:
    """A model under quantization; `tensors` keep their positions."""

    def __init__(self, model: Model, grids: Mapping[int, Grid], levels: int, bits: int) -> None:
        self.floats = model.tensors
        self.grids = grids
        self.levels = levels
        self.wide = bits == 16
        self.tensors = [_on_grid(t, grids[t.index], bits) if t.index in grids else t for t in model.tensors]
        self._taken: set[int] = set()

    def quantized(self, operator: RawOperator) -> RawOperator:
        if operator.kind not in _CHANNEL_AXES:
            more = _ANY_SCALE.get(operator.kind, {}) if self.wide else {}
            return replace(operator, options={**operator.options, **more})
        source, weights, *bias = operator.inputs
        axis = _CHANNEL_AXES[operator.kind]
        values = np.moveaxis(_values(self.floats[weights]), axis, -1)
        biases = _values(self.floats[bias[0]]).astype(np.float64) if bias and bias[0] >= 0 else None
        input_scale = self.grids[source].scale
        scale = _weight_scale(values, biases, input_scale, self.levels)
        stored = np.clip(np.rint(values / scale.astype(np.float64)), -self.levels, self.levels).astype(np.int8)
        keys = [self._put(weights, np.moveaxis(stored, -1, axis), scale, axis)]
        if biases is not None:
            steps = input_scale * scale.astype(np.float64)
            sums = np.rint(biases / steps).astype(np.int64 if self.wide else np.int32)
            keys.append(self._put(bias[0], sums, steps.astype(np.float32), 0))
        return replace(operator, inputs=(source, *keys, *operator.inputs[1 + len(keys) :]))

    def _put(self, key: int, stored: np.ndarray, scale: np.ndarray, axis: int) -> int:
        """Stores a constant in its float's place, or in a new one: two operators may have shared it."""
        quantization = RawQuantization(tuple(map(float, scale)), (0,) * len(scale), axis)
        place = len(self.tensors) if key in self._taken else key
        tensor = _stored(replace(self.floats[key], index=place), stored, quantization)
        self.tensors[place : place + 1] = [tensor]
        self._taken.add(key)
        return place


def _weight_scale(values: np.ndarray, bias: np.ndarray | None, input_scale: float, levels: int) -> np.ndarray:
    """Scales that use all levels, one per output channel (the last axis), but fine or coarse enough for the bias."""
    largest = np.abs(values).reshape(-1, values.shape[-1]).max(axis=0)
    scale = largest.astype(np.float32) / np.float32(levels)
    if bias is not None:
        scale = np.where(largest == 0, np.abs(bias) / input_scale / _BIAS_STEPS, scale)
        scale = np.maximum(scale, np.abs(bias) / input_scale / _BIAS_LIMIT)
    return np.where(scale == 0, 1.0, scale).astype(np.float32)


def _on_grid(tensor: RawTensor, grid: Grid, bits: int) -> RawTensor:
    quantization = RawQuantization((grid.scale,), (grid.zero_point,), 0)
    if tensor.contents is None:
        return replace(tensor, dtype=f"INT{bits}", quantization=quantization)
    return _stored(tensor, grid.stored(_values(tensor), bits), quantization)


def _stored(tensor: RawTensor, stored: np.ndarray, quantization: RawQuantization) -> RawTensor:
    contents = np.ascontiguousarray(stored).reshape(-1).view(np.uint8)
    return replace(tensor, dtype=stored.dtype.name.upper(), contents=contents, quantization=quantization)
