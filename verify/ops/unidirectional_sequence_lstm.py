"""UNIDIRECTIONAL_SEQUENCE_LSTM on int8 with a cell state of int16: four gates per unit and step of a sequence.

Its two states, the last result and the cells, are variables of the file; they go on from call to call. Peepholes,
projection and layer normalization are not there, as in TFLM.

Sources: tensorflow/lite/micro/kernels/lstm_eval.h, lstm_eval.cc, lstm_eval_common.cc;
tensorflow/lite/kernels/internal/reference/integer_ops/{fully_connected,mul}.h.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType, Tensor
from verify.ops.arithmetic import Intermediate, Stored, intermediate, rescaled, sums_of_products
from verify.ops.base import Defaults, OperatorSource, PadsNothing
from verify.ops.lstm_operands import GATES, INT16, Gate, cell_range, power_of_two, read_gates
from verify.ops.operand_checks import (
    activation_option,
    multiplier,
    per_tensor,
    require_dtype,
    require_shape,
    unsupported,
)
from verify.ops.requantize import requantize
from verify.ops.rows import check_shape
from verify.ops.sigmoid_16 import sigmoid_16, tanh_16

INT8 = (-128, 127)
LAST_RESULT, CELLS = 18, 19
"""Positions of the variables among the operands."""


@dataclass(frozen=True, eq=False)
class UnidirectionalSequenceLstm(PadsNothing, Defaults):
    """Per step: cell = forget * cell + input * update; result = tanh(cell) * output, these gates from x and the result.

    Args:
      shape: of the sequences, [batch, steps, depth], or [steps, batch, depth] with `time_major`.
      units: length of the states and of a result.
      gates: input, forget, update ("cell" in the file) and output gate.
      zero_points: of the sequences and of the results.
      shift: the cells have 12 - `shift` bits behind the point.
      cell_factors: multiplier and shift of forget * cell, input * update and tanh(cell) * output.
      cells: the range that the cells are clipped to.
    """

    kind: ClassVar[str] = "UNIDIRECTIONAL_SEQUENCE_LSTM"
    variables: ClassVar[tuple[int, ...]] = (LAST_RESULT, CELLS)

    shape: tuple[int, ...]
    units: int
    time_major: bool
    gates: tuple[Gate, ...]
    zero_points: tuple[int, int]
    shift: int
    cell_factors: tuple[tuple[int, int], ...]
    cells: tuple[int, int]

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, result, cells, y = _ends(source)
        units, time_major = y.shape[-1], bool(source.options.get("time_major", False))
        scales = [per_tensor(cls.kind, tensor)[0] for tensor in (x, result)]
        cell_scale = _cell_scale(cells)
        if (activation := activation_option(source)) != "TANH":
            raise unsupported(f"{cls.kind} with this activation", "TFLM's cell gate has TANH", activation)
        batch = x.shape[1] if time_major else x.shape[0]
        for state in (result, cells):
            if math.prod(state.shape) != batch * units:
                raise unsupported(f"{cls.kind} with this state", f"it must have {batch * units} elements", state.shape)
        step = 2.0**-15
        factors = (step * cell_scale / cell_scale, step * step / cell_scale, step * step / scales[1])
        return cls(
            shape=x.shape,
            units=units,
            time_major=time_major,
            gates=read_gates(source, x.shape[-1], units, scales),
            zero_points=(per_tensor(cls.kind, x)[1], per_tensor(cls.kind, result)[1]),
            shift=power_of_two(cell_scale) + 12,
            cell_factors=tuple(multiplier(cls.kind, factor) for factor in factors),
            cells=cell_range(source, cell_scale),
        )

    @property
    def operands(self) -> tuple[int, ...]:
        return (0, *self.variables)

    @property
    def sequences(self) -> tuple[int, int]:
        """How many there are, and how many steps each has."""
        return (self.shape[1], self.shape[0]) if self.time_major else (self.shape[0], self.shape[1])

    @property
    def macs(self) -> int:
        return math.prod(self.shape[:-1]) * len(GATES) * self.units * (self.shape[-1] + self.units)

    @property
    def constants(self) -> Mapping[str, np.ndarray]:
        """The gates' arrays, one gate after the other."""
        return {
            "weights": np.stack([gate.weights for gate in self.gates]),
            "recurrent": np.stack([gate.recurrent for gate in self.gates]),
            "bias": np.stack([gate.bias for gate in self.gates]),
        }

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        found: list[Intermediate] = []
        for name, gate in zip(GATES, self.gates, strict=True):
            low, high = sums_of_products(gate.weights, self.zero_points[0], operands[0])
            start, what = gate.bias.astype(np.int64), f"{name} gate's sum of products"
            found.append(intermediate(what, low, high))
            found += rescaled(f"{what} and bias", low + start, high + start, *gate.scale, 0)
            low, high = sums_of_products(gate.recurrent, self.zero_points[1], INT8)
            found += rescaled(f"{name} gate's sum of results before", low, high, *gate.recurrent_scale, 0)
        least, most = INT16
        ends = (least * most, most * most)
        for what, zero, (m, s) in zip(
            ("forget gate times cell", "input gate times update", "output gate times tanh of the cell"),
            (0, 0, self.zero_points[1]),
            self.cell_factors,
            strict=True,
        ):
            found += rescaled(what, *ends, m, s, zero)
        scaled, half = 3 << max(self.shift, 0), 1 << max(-self.shift - 1, 0)
        return (*found, intermediate("cell as tanh's argument", least * scaled, most * scaled + half))

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        batch, steps = self.sequences
        x = inputs[0].reshape(self.shape).astype(np.int64)
        x = x if self.time_major else np.swapaxes(x, 0, 1)
        result, cells = (state.reshape(batch, self.units).astype(np.int64) for state in inputs[1:])
        found = np.empty((steps, batch, self.units), np.int8)
        for t in range(steps):
            result, cells = self._step(x[t], result, cells)
            found[t] = result
        found = found if self.time_major else np.swapaxes(found, 0, 1)
        return found, result.astype(np.int8), cells.astype(np.int16)

    def _step(self, x: np.ndarray, result: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sums = [gate.apply(x - self.zero_points[0], result - self.zero_points[1]) for gate in self.gates]
        into, forget, output = (sigmoid_16(sums[k]) for k in (0, 1, 3))
        kept, added, shown = self.cell_factors
        cells = np.clip(requantize(forget * cells, *kept), *INT16)
        cells = np.clip(cells + np.clip(requantize(into * tanh_16(sums[2]), *added), *INT16), *self.cells)
        scaled = requantize(tanh_16(cells, self.shift) * output, *shown)
        return np.clip(scaled + self.zero_points[1], *INT8), cells


def _ends(source: OperatorSource) -> tuple[Tensor, ...]:
    """Sequences, the two states and the results.

    Raises:
      UnsupportedError: one is absent, or of another type or shape than TFLM takes.
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
    return x, result, cells, y


def _cell_scale(cells: Tensor) -> float:
    quantization = cells.quantization
    if quantization is None or len(quantization.scale) != 1 or quantization.zero_point != (0,):
        raise unsupported("a cell state without one scale and zero point 0", "TFLM takes it so", quantization)
    return quantization.scale[0]
