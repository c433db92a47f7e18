"""MEAN and SUM on int8 over any axes, which an int32 constant lists.

Both add up stored values minus the zero point and rescale once per output; the mean's division is folded into the
multiplier, truncated, as TFLM does.

Source: tensorflow/lite/kernels/internal/reference/reduce.h (QuantizedMeanOrSum); tensorflow/lite/micro/kernels/
reduce_common.cc.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType, Tensor, row_count
from verify.ops import operand_checks
from verify.ops.arithmetic import Intermediate, Stored, intermediate, rescaled, stored_range
from verify.ops.base import OperatorSource
from verify.ops.channels import Channels
from verify.ops.reduction import Reduced, read_axes
from verify.ops.requantize import requantize
from verify.ops.rows import row_shape
from verify.ops.weights import Rescale, int8_scale


@dataclass(frozen=True)
class Summing(Reduced):
    """A sum over axes, rescaled, of whatever element type: int8, or `verify.ops.wide.mean`.

    Args:
      input_zero_point, output_zero_point: stored values of zero.
      multiplier, shift: of the sum; the mean's include the division by the number of elements.
    """

    dtype: ClassVar[DType]
    mean: ClassVar[bool]

    input_zero_point: int
    output_zero_point: int
    multiplier: int
    shift: int

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        shape, result, axes = read_axes(source)
        input_scale, input_zero_point = cls.quantization(source, source.inputs[0])
        output_scale, output_zero_point = cls.quantization(source, source.outputs[0])
        scale = operand_checks.multiplier(source.kind, input_scale / output_scale)
        if cls.mean:
            scale = divided(*scale, math.prod(shape[axis] for axis in axes))
        return cls(shape, result, axes, input_zero_point, output_zero_point, *scale)

    @staticmethod
    def quantization(source: OperatorSource, tensor: Tensor | None) -> tuple[float, int]:
        """Scale and zero point of operand or result, after checking its type."""
        raise NotImplementedError

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        count = self.count
        low, high = (x - self.input_zero_point for x in operands[0])
        ends = min(low, 0) * count, max(high, 0) * count
        scale = self.multiplier, self.shift, self.output_zero_point
        return (intermediate("partial sum", *ends), *rescaled("sum", *ends, *scale))

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Computes everything and cuts out the rows that are asked for."""
        values = inputs[0].reshape(self.input_shape).astype(np.int64) - self.input_zero_point
        if self.frames:
            within = tuple(axis - 1 for axis in self.axes)
            windows = [values[0, y : y + self.frames].sum(axis=within) for y in range(self.output_shape[1])]
            sums = np.stack(windows).astype(np.int32).astype(np.int64)
        else:
            sums = values.sum(axis=self.axes).astype(np.int32).astype(np.int64)
        scaled = requantize(sums, self.multiplier, self.shift) + self.output_zero_point
        stored = np.clip(scaled, *stored_range(self.dtype)).astype(self.dtype.numpy)
        lines = stored.reshape(row_count(self.output_shape), *row_shape(self.output_shape))
        return (lines[rows.start : rows.stop],)


def divided(multiplier: int, shift: int, count: int) -> tuple[int, int]:
    """multiplier * 2^shift / count, with as many more bits of fraction as fit beside `count`."""
    bits = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << bits) // count, shift - bits


@dataclass(frozen=True)
class Reduction(Summing):
    """Of int8."""

    dtype: ClassVar[DType] = DType.INT8

    @staticmethod
    def quantization(source: OperatorSource, tensor: Tensor | None) -> tuple[float, int]:
        return int8_scale(source, tensor)

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels | None:
        if not self.keeps_channels:
            return None
        low, high = ((x - self.input_zero_point) * self.count for x in (operands[0].low, operands[0].high))
        scale = np.array([self.multiplier]), np.array([self.shift])
        return Rescale(*scale, self.output_zero_point, -128, 127).channel_ranges(Channels(low, high), None)


@dataclass(frozen=True)
class Sum(Reduction):
    """The sum itself."""

    kind: ClassVar[str] = "SUM"
    mean: ClassVar[bool] = False


@dataclass(frozen=True)
class Mean(Reduction):
    """The sum divided by the number of elements."""

    kind: ClassVar[str] = "MEAN"
    mean: ClassVar[bool] = True
