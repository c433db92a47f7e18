"""PAD and PADV2 on int8 and int16: constant positions around a tensor that hold zero, or a constant value (PADV2).

Sources: tensorflow/lite/micro/kernels/pad.cc, pad_common.cc; tensorflow/lite/kernels/internal/reference/pad.h.
"""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, DType, row_count
from verify.graph.window import Padding, Window
from verify.ops.arithmetic import Stored
from verify.ops.base import (
    Defaults,
    MovesOnly,
    OperatorSource,
    PadsNothing,
    Reordered,
    Shift,
    filled,
)
from verify.ops.channels import Channels, Gone, Leaving, fewer, nothing, together
from verify.ops.paddings import read_paddings
from verify.ops.rows import all_reordered, row_shape


@dataclass(frozen=True)
class Pad(MovesOnly, PadsNothing, Defaults):
    """Puts positions around a tensor.

    Args:
      input_shape, output_shape: under which the node sees its ends.
      before, after: positions added along each axis, >= 0.
      value: what they hold.
      dtype: of the elements; the bytes of a value of int16 are the same.
    """

    kind: ClassVar[str] = "PAD"

    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    value: int
    dtype: DType = DType.INT8

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        read = read_paddings(source)
        padded = tuple(b + n + a for b, n, a in zip(read.before, read.shape, read.after, strict=True))
        return cls(read.shape, padded, read.before, read.after, read.value, read.dtype)

    @property
    def pads_rows_only_along_height(self) -> bool:
        """Whether every leading axis but the innermost one is left alone (and is 1 where several would mix)."""
        outer = len(self.input_shape) - len(row_shape(self.input_shape)) - 1
        return not any(self.before[: max(outer, 0)] + self.after[: max(outer, 0)])

    def window(self, position: int, axis: Axis) -> Window | None:
        """Where, of the axes before a row's own, only the height is padded."""
        rank = len(self.input_shape)
        if (
            axis is Axis.TIME
            or rank < 2
            or not self.pads_rows_only_along_height
            or math.prod(self.input_shape[:-3]) != 1
        ):
            return None
        if axis is Axis.WIDTH:
            return Window(pad_before=self.before[-2]) if rank >= 3 else None
        return Window(pad_before=self.before[0] if rank == 2 else self.before[-3])

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return min(operands[0][0], self.value), max(operands[0][1], self.value)

    @property
    def keeps_channels(self) -> bool:
        """Whether no position is added along the last axis."""
        return not any(self.before[-1:] + self.after[-1:])

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels | None:
        return operands[0].joined(self.value) if self.keeps_channels else None

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        return together(operands, results) if self.keeps_channels else nothing(operands)

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        if not self.keeps_channels or operands[0].keys() != results:
            return None
        shapes = fewer(self.input_shape, results), fewer(self.output_shape, results)
        return replace(self, input_shape=shapes[0], output_shape=shapes[1])

    @property
    def row_wise(self) -> bool:
        return True

    def as_padding(self) -> Padding | None:
        if len(self.input_shape) != 4 or any((self.before[0], self.after[0], self.before[3], self.after[3])):
            return None
        return Padding(self.before[1], self.after[1], self.before[2], self.after[2], self.value)

    def frame(self) -> Self | None:
        """Where the leading axis is left alone."""
        if len(self.input_shape) < 2 or self.before[0] or self.after[0]:
            return None
        return replace(self, input_shape=(1, *self.input_shape[1:]), output_shape=(1, *self.output_shape[1:]))

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        shapes = all_reordered((self.input_shape, self.output_shape), axes)
        if shapes is None:
            return None
        before, after = (tuple(0 if i is None else counts[i] for i in axes) for counts in (self.before, self.after))
        op = replace(self, input_shape=shapes[0], output_shape=shapes[1], before=before, after=after)
        return Reordered(op, shapes[:1], shapes[1:])

    def time_shift(self) -> Shift | None:
        if not any(self.before[1:] + self.after[1:]):
            return Shift(self.before[0], self.value)
        rest = replace(
            self,
            input_shape=(1, *self.input_shape[1:]),
            output_shape=(1, *self.output_shape[1:]),
            before=(0, *self.before[1:]),
            after=(0, *self.after[1:]),
        )
        return Shift(self.before[0], self.value, rest)

    def rearranged(self, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        around = list(zip(self.before, self.after, strict=True))
        return (np.pad(operands[0], around, constant_values=filled(self.value)),)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Computes everything and cuts out the rows that are asked for."""
        result = np.full(self.output_shape, self.value, self.dtype.numpy)
        inner = tuple(slice(b, b + extent) for b, extent in zip(self.before, self.input_shape, strict=True))
        result[inner] = inputs[0].reshape(self.input_shape)
        lines = result.reshape(row_count(self.output_shape), *row_shape(self.output_shape))
        return (lines[rows.start : rows.stop],)


@dataclass(frozen=True)
class PadV2(Pad):
    """Pads with a value from the model."""

    kind: ClassVar[str] = "PADV2"
