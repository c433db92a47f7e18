"""SLICE and STRIDED_SLICE with constant bounds: every `stride`-th element of a box, some axes dropped.

Source: tensorflow/lite/kernels/internal/reference/slice.h; bounds: slice_bounds.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, DType, is_image
from verify.graph.window import Window
from verify.ops.base import OperatorSource, Reordered, Shift
from verify.ops.move import Move, Movement, Route, box_move, check_movable
from verify.ops.operand_checks import integer_option, operands_of, require_shape, unsupported
from verify.ops.rows import all_reordered, as_rows
from verify.ops.slice_bounds import bounds_of, one_position, positions


@dataclass(frozen=True)
class StridedSlice(Movement):
    """Element i along an axis is the operand's `begin + i * stride`.

    Args:
      begin: first position along each of the operand's axes, within the operand.
      strides: steps, not zero.
      dropped: axes of one element that the result does not have.
    """

    begin: tuple[int, ...]
    strides: tuple[int, ...]
    dropped: frozenset[int]
    kind: ClassVar[str] = "STRIDED_SLICE"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, *bounds = operands_of(source, 4)
        names = ("begin", "end", "strides")
        values = [bounds_of(source.kind, name, bound, x) for name, bound in zip(names, bounds, strict=True)]
        for name in ("ellipsis_mask", "new_axis_mask", "offset"):
            if integer_option(source, name):
                raise unsupported(f"STRIDED_SLICE with {name}", "it must be 0", integer_option(source, name))
        masks = [integer_option(source, name) for name in ("begin_mask", "end_mask", "shrink_axis_mask")]
        ranges = []
        for axis, extent in enumerate(x.shape):
            begin, end, stride = (value[axis] for value in values)
            open_begin, open_end, shrink = (bool(mask >> axis & 1) for mask in masks)
            if shrink:
                ranges.append(one_position(axis, extent, None if open_begin else begin, stride))
            else:
                ranges.append(positions(axis, extent, None if open_begin else begin, None if open_end else end, stride))
        dropped = frozenset(axis for axis in range(len(x.shape)) if masks[2] >> axis & 1)
        return cls.of(source, ranges, dropped)

    @classmethod
    def of(cls, source: OperatorSource, ranges: Sequence[range], dropped: frozenset[int]) -> Self:
        x, y = source.inputs[0], source.outputs[0]
        assert x is not None
        result = tuple(len(taken) for axis, taken in enumerate(ranges) if axis not in dropped)
        require_shape(source.kind, y, result)
        begin, strides = tuple(r.start for r in ranges), tuple(r.step for r in ranges)
        return cls((x.shape,), (result,), check_movable(source, (0,)), begin, strides, dropped)

    @property
    def kept(self) -> list[int]:
        return [axis for axis in range(len(self.begin)) if axis not in self.dropped]

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images walked forwards of which no axis is dropped."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        if place is None or self.dropped or not is_image(self.inputs[0]) or self.strides[place] < 1:
            return None
        return Window(stride=self.strides[place], pad_before=-self.begin[place])

    def frame(self) -> Self | None:
        """Where every position of the leading axis is taken."""
        if 0 in self.dropped or len(self.inputs[0]) < 2 or self._takes(0) != (0, 1, self.inputs[0][0]):
            return None
        return replace(self, inputs=((1, *self.inputs[0][1:]),), outputs=((1, *self.outputs[0][1:]),))

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """Where no axis is dropped."""
        shapes = None if self.dropped else all_reordered((*self.inputs, *self.outputs), axes)
        if shapes is None:
            return None
        begin = tuple(0 if i is None else self.begin[i] for i in axes)
        strides = tuple(1 if i is None else self.strides[i] for i in axes)
        op = replace(self, inputs=shapes[:1], outputs=shapes[1:], begin=begin, strides=strides)
        return Reordered(op, shapes[:1], shapes[1:])

    def time_shift(self) -> Shift | None:
        """Where neighbouring positions of the leading axis are taken."""
        x, y = self.inputs[0], self.outputs[0]
        if not x or 0 in self.dropped or self.strides[0] != 1:
            return None
        if not self.dropped and all(self._takes(axis) == (0, 1, extent) for axis, extent in enumerate(x) if axis):
            return Shift(-self.begin[0], 0)
        rest = replace(self, inputs=((1, *x[1:]),), outputs=((1, *y[1:]),), begin=(0, *self.begin[1:]))
        return Shift(-self.begin[0], 0, rest)

    def _takes(self, axis: int) -> tuple[int, int, int]:
        """First position, step and count along an axis that is not dropped."""
        place = self.kept.index(axis) if axis in self.kept else -1
        return self.begin[axis], self.strides[axis], self.outputs[0][place] if place >= 0 else 0

    @property
    def moves(self) -> tuple[Move, ...]:
        routes = [Route(axis, self.strides[axis]) for axis in self.kept]
        return (box_move((self.inputs[0], self.outputs[0]), routes, origin=self.begin),)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        taken = inputs[0]
        extents = dict(zip(self.kept, self.outputs[0], strict=True))
        for axis, (begin, stride) in enumerate(zip(self.begin, self.strides, strict=True)):
            taken = np.take(taken, [begin + i * stride for i in range(extents.get(axis, 1))], axis=axis)
        return (as_rows(taken.reshape(self.outputs[0]), rows),)


@dataclass(frozen=True)
class Slice(StridedSlice):
    """A box of the operand."""

    kind: ClassVar[str] = "SLICE"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, begin, size = operands_of(source, 3)
        begins, sizes = bounds_of(source.kind, "begin", begin, x), bounds_of(source.kind, "size", size, x)
        ranges = []
        for axis, (extent, first, count) in enumerate(zip(x.shape, begins, sizes, strict=True)):
            end = extent if count == -1 else first + count
            if not 0 <= first < end <= extent:
                rule = f"axis {axis} has {extent} positions, of which at least one must be taken"
                raise unsupported("SLICE outside the operand", rule, f"begin {first}, size {count}")
            ranges.append(range(first, end))
        return cls.of(source, ranges, frozenset())


def copy_of(shape: tuple[int, ...], dtype: DType) -> Slice:
    """The operator that takes all of its operand."""
    return Slice((shape,), (shape,), dtype, (0,) * len(shape), (1,) * len(shape), frozenset())
