"""MEAN and SUM on int8 over any axes, which an int32 constant lists.

Both add up stored values minus the zero point and rescale once per output; the mean's division is folded into the
multiplier, truncated, as TFLM does.

Source: tensorflow/lite/kernels/internal/reference/reduce.h (QuantizedMeanOrSum); tensorflow/lite/micro/kernels/
reduce_common.cc.
"""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, row_count
from verify.graph.window import POINTWISE, Window
from verify.ops.arithmetic import Intermediate, Stored, intermediate, rescaled
from verify.ops.base import (
    CountsNoMacs,
    Defaults,
    OperatorSource,
    OverFrames,
    PadsNothing,
    Reordered,
    UnsupportedError,
)
from verify.ops.channels import Channels, Gone, Leaving, fewer, nothing, together
from verify.ops.operand_checks import constant_integers, positive_axis, require_shape
from verify.ops.requantize import quantize_multiplier, requantize
from verify.ops.rows import check_shape, reordered, row_shape
from verify.ops.weights import Rescale, int8_scale


@dataclass(frozen=True)
class Reduction(CountsNoMacs, PadsNothing, Defaults):
    """A sum over axes, rescaled.

    Args:
      input_shape, output_shape: under which the node sees its ends; the output may or may not keep reduced axes as 1.
      axes: of the input, ascending.
      frames: where not 0, the ends are images `[1, rows, width, channels]`, and output row y is made of input rows
        y to y + `frames` - 1; axis 1 is among `axes`.
      input_zero_point, output_zero_point: stored values of zero.
      multiplier, shift: of the sum; the mean's include the division by the number of elements.
    """

    kind: ClassVar[str]

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    axes: tuple[int, ...]
    input_zero_point: int
    output_zero_point: int
    multiplier: int
    shift: int
    frames: int = 0

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        if len(source.inputs) != 2:
            raise UnsupportedError(f"{source.kind} with {len(source.inputs)} operands is not supported; it has 2")
        tensor, output, listed = source.inputs[0], source.outputs[0], source.inputs[1]
        input_scale, input_zero_point = int8_scale(source, tensor)
        output_scale, output_zero_point = int8_scale(source, output)
        if tensor is None or listed is None:
            raise UnsupportedError(f"{source.kind} without its axes is not supported")
        check_shape(source.kind, tensor.shape)
        rank = len(tensor.shape)
        axes = sorted(
            {positive_axis(source.kind, axis, rank) for axis in constant_integers(source.kind, "axes", listed)}
        )
        keep = bool(source.options.get("keep_dims", False))
        kept = [1 if i in axes else extent for i, extent in enumerate(tensor.shape) if keep or i not in axes]
        require_shape(source.kind, output, tuple(kept))
        try:
            multiplier, shift = quantize_multiplier(input_scale / output_scale)
        except ValueError as error:
            raise UnsupportedError(str(error)) from error
        count = math.prod(tensor.shape[axis] for axis in axes)
        multiplier, shift = cls.divided(multiplier, shift, count)
        return cls(tensor.shape, output.shape, tuple(axes), input_zero_point, output_zero_point, multiplier, shift)

    @staticmethod
    def divided(multiplier: int, shift: int, count: int) -> tuple[int, int]:
        """The multiplier of a sum of `count` elements."""
        return multiplier, shift

    @property
    def keeps_rows(self) -> bool:
        """Whether output row y is made of input row y alone: only axes within a row are reduced, and all are kept."""
        if self.frames:
            return False
        within = len(row_shape(self.input_shape))
        rank = len(self.input_shape)
        return len(self.output_shape) == rank and all(axis >= rank - within for axis in self.axes)

    def frame(self) -> Self | None:
        """Where the leading axis is not reduced."""
        if 0 in self.axes or len(self.input_shape) < 2:
            return None
        return replace(self, input_shape=(1, *self.input_shape[1:]), output_shape=(1, *self.output_shape[1:]))

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """A new axis is reduced, too; where reduced axes are dropped, what is left must keep its order."""
        shape = reordered(self.input_shape, axes)
        left = [i for i in axes if i is not None and i not in self.axes and self.input_shape[i] > 1]
        keeps = len(self.output_shape) == len(self.input_shape)
        result = reordered(self.output_shape, axes) if keeps else self.output_shape
        if shape is None or result is None or self.frames or not (keeps or left == sorted(left)):
            return None
        reduced = tuple(place for place, i in enumerate(axes) if i is None or i in self.axes)
        return Reordered(replace(self, input_shape=shape, output_shape=result, axes=reduced), (shape,), (result,))

    def over_frames(self, frames: int) -> OverFrames | None:
        """Where time is reduced, and either all or none of the axes between it and the channels."""
        shape = self.input_shape
        time = next((axis for axis, extent in enumerate(shape) if extent > 1), 0)
        between = {axis in self.axes for axis in range(time + 1, len(shape) - 1) if shape[axis] > 1}
        if time not in self.axes or shape[time] != frames or len(between) > 1:
            return None
        channels = shape[-1] if time + 1 < len(shape) else 1
        width = math.prod(shape[time + 1 :]) // channels
        reduced = [2] * (between == {True}) + [3] * (time + 1 < len(shape) and len(shape) - 1 in self.axes)
        image, axes = (1, frames, width, channels), (1, *reduced)
        kept = tuple(1 if axis in axes else extent for axis, extent in enumerate(image))
        op = replace(self, input_shape=image, output_shape=kept, axes=axes, frames=frames)
        return OverFrames(op, image, kept)

    def tall(self, rows: int) -> Self | None:
        """Where it is over frames already."""
        if not self.frames or rows < self.frames:
            return None
        _, _, width, channels = self.input_shape
        output = (1, rows - self.frames + 1, *self.output_shape[2:])
        return replace(self, input_shape=(1, rows, width, channels), output_shape=output)

    @property
    def summed_shape(self) -> tuple[int, ...]:
        """The part of the input that makes one output row, or all of it."""
        return (1, self.frames, *self.input_shape[2:]) if self.frames else self.input_shape

    @property
    def count(self) -> int:
        """How many elements are added up for one output."""
        return math.prod(self.summed_shape[axis] for axis in self.axes)

    @property
    def keeps_channels(self) -> bool:
        """Whether the last axis is not reduced."""
        return len(self.input_shape) - 1 not in self.axes

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels | None:
        if not self.keeps_channels:
            return None
        low, high = ((x - self.input_zero_point) * self.count for x in (operands[0].low, operands[0].high))
        scale = np.array([self.multiplier]), np.array([self.shift])
        return Rescale(*scale, self.output_zero_point, -128, 127).channel_ranges(Channels(low, high), None)

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        return together(operands, results) if self.keeps_channels else nothing(operands)

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        if not self.keeps_channels or operands[0].keys() != results:
            return None
        shapes = fewer(self.input_shape, results), fewer(self.output_shape, results)
        return replace(self, input_shape=shapes[0], output_shape=shapes[1])

    def window(self, position: int, axis: Axis) -> Window | None:
        """Where only axes within a row are reduced, and all axes are kept."""
        several_images = len(self.input_shape) == 4 and self.input_shape[0] != 1
        return POINTWISE if axis is Axis.HEIGHT and self.keeps_rows and not several_images else None

    @property
    def row_wise(self) -> bool:
        return self.keeps_rows

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
        stored = np.clip(scaled, -128, 127).astype(np.int8)
        lines = stored.reshape(row_count(self.output_shape), *row_shape(self.output_shape))
        return (lines[rows.start : rows.stop],)


@dataclass(frozen=True)
class Sum(Reduction):
    """The sum itself."""

    kind: ClassVar[str] = "SUM"


@dataclass(frozen=True)
class Mean(Reduction):
    """The sum divided by the number of elements."""

    kind: ClassVar[str] = "MEAN"

    @staticmethod
    def divided(multiplier: int, shift: int, count: int) -> tuple[int, int]:
        """multiplier * 2^shift / count, with as many more bits of fraction as fit beside `count`."""
        bits = min(count.bit_length() - 1, 32, 31 + shift)
        return (multiplier << bits) // count, shift - bits
