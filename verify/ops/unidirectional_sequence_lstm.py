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

from verify.ops.arithmetic import Intermediate, Stored, intermediate, rescaled, sums_of_products
from verify.ops.base import Defaults, OperatorSource, PadsNothing
from verify.ops.lstm_operands import (
    CELLS,
    GATES,
    INT16,
    LAST_RESULT,
    Gate,
    cell_range,
    cell_scale_of,
    power_of_two,
    read_ends,
    read_gates,
)
from verify.ops.operand_checks import (
    multiplier,
    per_tensor,
)
from verify.ops.requantize import requantize
from verify.ops.sigmoid_16 import sigmoid_16, tanh_16

INT8 = (-128, 127)


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
        x, result, cells, y = read_ends(source)
        units, time_major = y.shape[-1], bool(source.options.get("time_major", False))
        scales = [per_tensor(cls.kind, tensor)[0] for tensor in (x, result)]
        cell_scale = cell_scale_of(cells)
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
