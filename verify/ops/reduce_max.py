"""REDUCE_MAX and REDUCE_MIN on int8 over any axes, which an int32 constant lists. Nothing is rescaled.

Source: tensorflow/lite/micro/kernels/reduce_common.cc (EvalMaxHelper).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import row_count
from verify.ops.arithmetic import Stored
from verify.ops.base import MovesOnly, OperatorSource
from verify.ops.channels import Channels
from verify.ops.operand_checks import unsupported
from verify.ops.reduction import Reduced, read_axes
from verify.ops.rows import row_shape
from verify.ops.weights import int8_scale


@dataclass(frozen=True)
class ReduceMax(MovesOnly, Reduced):
    """The largest element."""

    kind: ClassVar[str] = "REDUCE_MAX"
    smaller: ClassVar[bool] = False

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        op = cls(*read_axes(source))
        ends = int8_scale(source, source.inputs[0]), int8_scale(source, source.outputs[0])
        if ends[0] != ends[1]:
            rule = "both ends must have the same scale and zero point, as TFLM wants them"
            raise unsupported(f"{source.kind} with rescaling", rule, f"{ends[0]} and {ends[1]}")
        return op

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return operands[0]

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels | None:
        return operands[0] if self.keeps_channels else None

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Computes everything and cuts out the rows that are asked for."""
        pick = np.min if self.smaller else np.max
        values = inputs[0].reshape(self.input_shape)
        if self.frames:
            within = tuple(axis - 1 for axis in self.axes)
            count = self.output_shape[1]
            found = np.stack([pick(values[0, y : y + self.frames], axis=within) for y in range(count)])
        else:
            found = pick(values, axis=self.axes) if self.axes else values
        lines = found.reshape(row_count(self.output_shape), *row_shape(self.output_shape))
        return (lines[rows.start : rows.stop],)


@dataclass(frozen=True)
class ReduceMin(ReduceMax):
    """The smallest element."""

    kind: ClassVar[str] = "REDUCE_MIN"
    smaller: ClassVar[bool] = True
