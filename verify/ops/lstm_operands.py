"""What UNIDIRECTIONAL_SEQUENCE_LSTM reads from the file: its ends, and weights, biases, scales of its gates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verify.graph.tensor import DType, Tensor
from verify.ops.base import OperatorSource
from verify.ops.operand_checks import (
    activation_option,
    multiplier,
    number_option,
    require_dtype,
    require_shape,
    unsupported,
)
from verify.ops.requantize import requantize
from verify.ops.rows import check_shape

GATES = ("input", "forget", "cell", "output")
"""In the order of the file's operands."""

INT16 = (-(2**15), 2**15 - 1)

LAST_RESULT, CELLS = 18, 19
"""Positions of the variables among the operands."""


@dataclass(frozen=True, eq=False)
class Gate:
    """Weights [units, depth] and [units, units], bias [units]; what brings their sums to 12 bits behind the point."""

    weights: np.ndarray
    recurrent: np.ndarray
    bias: np.ndarray
    scale: tuple[int, int]
    recurrent_scale: tuple[int, int]

    def apply(self, x: np.ndarray, result: np.ndarray) -> np.ndarray:
        """The gate before its activation, of vectors less their zero points; int64."""
        sums = (x.astype(np.float64) @ self.weights.T.astype(np.float64)).astype(np.int64) + self.bias
        again = (result.astype(np.float64) @ self.recurrent.T.astype(np.float64)).astype(np.int64)
        both = (requantize(sums, *self.scale), requantize(again, *self.recurrent_scale))
        return np.clip(np.clip(both[0], *INT16) + np.clip(both[1], *INT16), *INT16)


def read_gates(source: OperatorSource, depth: int, units: int, scales: Sequence[float]) -> tuple[Gate, ...]:
    """The four gates; `scales` are those of the sequences and of the results.

    Raises:
      UnsupportedError: weights or biases are absent, computed, or of another form.
    """
    found = []
    for number, name in enumerate(GATES):
        weights = [
            _weights(source, 1 + number, f"{name} weights", (units, depth)),
            _weights(source, 5 + number, f"recurrent {name} weights", (units, units)),
        ]
        bias = _constant(source, 12 + number, f"{name} bias", DType.INT32, (units,))
        assert bias.data is not None
        arrays = [tensor.data for tensor in weights if tensor.data is not None]
        factors = [_factor(source.kind, s, w) for s, w in zip(scales, weights, strict=True)]
        found.append(Gate(arrays[0], arrays[1], bias.data, factors[0], factors[1]))
    return tuple(found)


def power_of_two(scale: float) -> int:
    """The exponent nearest to a scale, which TFLM takes for it whatever the scale is."""
    return round(math.log2(scale))


def cell_range(source: OperatorSource, scale: float) -> tuple[int, int]:
    """What the cells are clipped to: all of their type where the file says 0."""
    clip = float(np.float32(number_option(source, "cell_clip", 0.0)))
    if not clip >= 0:
        raise unsupported(f"{source.kind} with this cell_clip", "it must not be below 0", clip)
    most = int(min(clip / scale, 32767.0))
    return (-most, most) if clip else INT16


def _factor(kind: str, scale: float, weights: Tensor) -> tuple[int, int]:
    assert weights.quantization is not None
    product = float(np.float32(scale) * np.float32(weights.quantization.scale[0]))
    return multiplier(kind, product / 2.0**-12)


def _weights(source: OperatorSource, position: int, what: str, shape: tuple[int, ...]) -> Tensor:
    tensor = _constant(source, position, what, DType.INT8, shape)
    quantization = tensor.quantization
    if quantization is None or len(quantization.scale) != 1 or quantization.zero_point != (0,):
        raise unsupported(f"{source.kind} with these {what}", "they must have one scale and zero point 0", quantization)
    return tensor


def _constant(source: OperatorSource, position: int, what: str, dtype: DType, shape: tuple[int, ...]) -> Tensor:
    tensor = source.inputs[position]
    if tensor is None or tensor.data is None:
        raise unsupported(f"{source.kind} without constant {what}", "TFLM needs them", f"operand {position}")
    require_dtype(f"{source.kind} ({what})", tensor, dtype)
    if tensor.shape != shape:
        raise unsupported(f"{source.kind} with these {what}", f"they must have shape {shape}", tensor.shape)
    return tensor


def read_ends(source: OperatorSource) -> tuple[Tensor, ...]:
    """Sequences, the two states and the results.

    Raises:
      UnsupportedError: one is absent, or of another type, shape or activation than TFLM takes.
    """
    if len(source.inputs) != 24 or len(source.outputs) != 1:
        raise unsupported(f"{source.kind} of this form", "it has 24 operands and one result", len(source.inputs))
    for what, positions in (("peepholes", (9, 10, 11)), ("projection", (16, 17)), ("normalization", (20, 21, 22, 23))):
        if any(source.inputs[position] is not None for position in positions):
            raise unsupported(f"{source.kind} with {what}", "TFLM has none", f"one of operands {positions}")
    x, result, cells = (source.inputs[position] for position in (0, LAST_RESULT, CELLS))
    (y,) = source.outputs
    if x is None or result is None or cells is None:
        raise unsupported(f"{source.kind} without sequences or states", "all three must be there", "an absent one")
    for tensor in (x, result, y):
        require_dtype(source.kind, tensor, DType.INT8)
    require_dtype(source.kind, cells, DType.INT16)
    if len(x.shape) != 3:
        raise unsupported(f"{source.kind} of this rank", "sequences have three axes", x.shape)
    check_shape(source.kind, x.shape)
    require_shape(source.kind, y, (*x.shape[:2], y.shape[-1]))
    if (activation := activation_option(source)) != "TANH":
        raise unsupported(f"{source.kind} with this activation", "TFLM's cell gate has TANH", activation)
    count = x.shape[1 if source.options.get("time_major", False) else 0] * y.shape[-1]
    for state in (result, cells):
        if math.prod(state.shape) != count:
            raise unsupported(f"{source.kind} with this state", f"it must have {count} elements", state.shape)
    return x, result, cells, y


def cell_scale_of(cells: Tensor) -> float:
    quantization = cells.quantization
    if quantization is None or len(quantization.scale) != 1 or quantization.zero_point != (0,):
        raise unsupported("a cell state without one scale and zero point 0", "TFLM takes it so", quantization)
    return quantization.scale[0]
