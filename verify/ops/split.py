"""SPLIT, SPLIT_V and UNPACK: one operand cut along an axis, which UNPACK then drops.

Sources: tensorflow/lite/micro/kernels/split.cc, split_v.cc, unpack.cc.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, is_image, row_count
from verify.graph.window import POINTWISE, Window
from verify.ops.base import OperatorSource
from verify.ops.move import Move, Movement, Route, box_move, check_movable
from verify.ops.operand_checks import (
    axis_of,
    constant_integers,
    integer_option,
    operands_of,
    positive_axis,
    require_shape,
    unsupported,
)
from verify.ops.rows import Shape, as_rows


@dataclass(frozen=True)
class SplitV(Movement):
    """Result k is the part of the operand along `axis` that follows those of the results before it."""

    axis: int
    kind: ClassVar[str] = "SPLIT_V"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, sizes, axis = operands_of(source, 3, None)
        along = axis_of(source, axis.shape, constant_integers(source.kind, "axis", axis), len(x.shape))
        parts = list(constant_integers(source.kind, "sizes", sizes))
        if parts.count(-1) == 1:
            parts[parts.index(-1)] = x.shape[along] - sum(parts) - 1
        if len(parts) != len(source.outputs) or min(parts) < 1 or sum(parts) != x.shape[along]:
            rule = f"{len(source.outputs)} sizes of at least 1 must add up to {x.shape[along]}"
            raise unsupported("SPLIT_V into these parts", rule, parts)
        return cls.of(source, 0, along, parts)

    @classmethod
    def of(cls, source: OperatorSource, position: int, axis: int, parts: Sequence[int]) -> Self:
        x = source.inputs[position]
        assert x is not None
        shapes = tuple((*x.shape[:axis], part, *x.shape[axis + 1 :]) for part in parts)
        for output, shape in zip(source.outputs, shapes, strict=True):
            require_shape(source.kind, output, shape)
        if len({row_count(shape) for shape in shapes}) > 1:
            rule = "all results must have the same number of rows"
            raise unsupported(f"{source.kind} of rows into unequal parts", rule, parts)
        return cls((x.shape,), shapes, check_movable(source, (position,)), axis)

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images cut along width or channels."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        if place is None or not is_image(self.inputs[0]) or self.axis in (0, place):
            return None
        return POINTWISE

    def frame(self) -> Self | None:
        """Unless the operand is cut along the leading axis."""
        if self.axis == 0 or any(len(shape) != len(self.inputs[0]) for shape in self.outputs):
            return None
        outputs = tuple((1, *shape[1:]) for shape in self.outputs)
        return replace(self, inputs=((1, *self.inputs[0][1:]),), outputs=outputs)

    @property
    def moves(self) -> tuple[Move, ...]:
        (operand,) = self.inputs
        routes = [Route(axis) for axis in range(len(operand))]
        starts = itertools.accumulate((shape[self.axis] for shape in self.outputs[:-1]), initial=0)
        return tuple(
            box_move((operand, shape), routes, target=target, origin=at(self.axis, start, len(operand)))
            for target, (shape, start) in enumerate(zip(self.outputs, starts, strict=True))
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        results, start = [], 0
        for shape in self.outputs:
            positions = range(start, start + shape[self.axis])
            results.append(as_rows(np.take(inputs[0], positions, axis=self.axis), rows))
            start = positions.stop
        return tuple(results)


@dataclass(frozen=True)
class Split(SplitV):
    """SPLIT_V into equal parts; the axis is the first operand."""

    kind: ClassVar[str] = "SPLIT"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        axis, x = operands_of(source, 2, None)
        along = axis_of(source, axis.shape, constant_integers(source.kind, "axis", axis), len(x.shape))
        parts, extent = len(source.outputs), x.shape[along]
        if extent % parts:
            raise unsupported("SPLIT into unequal parts", f"the extent {extent} must divide by their number", parts)
        return cls.of(source, 1, along, [extent // parts] * parts)

    @property
    def operands(self) -> tuple[int, ...]:
        return (1,)


@dataclass(frozen=True)
class Unpack(Movement):
    """Result k is the operand at position k of `axis`."""

    axis: int
    kind: ClassVar[str] = "UNPACK"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x,) = operands_of(source, 1, None)
        axis = positive_axis(source.kind, integer_option(source, "axis"), len(x.shape))
        if len(source.outputs) != x.shape[axis]:
            rule = f"there must be one result for each of the {x.shape[axis]} positions"
            raise unsupported("UNPACK into this many results", rule, len(source.outputs))
        shape = (*x.shape[:axis], *x.shape[axis + 1 :])
        for output in source.outputs:
            require_shape(source.kind, output, shape)
        return cls((x.shape,), (shape,) * x.shape[axis], check_movable(source, (0,)), axis)

    @property
    def moves(self) -> tuple[Move, ...]:
        (operand,) = self.inputs
        routes = [Route(axis) for axis in range(len(operand)) if axis != self.axis]
        return tuple(
            box_move((operand, shape), routes, target=target, origin=at(self.axis, target, len(operand)))
            for target, shape in enumerate(self.outputs)
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return tuple(as_rows(np.take(inputs[0], k, axis=self.axis), rows) for k in range(len(self.outputs)))


def at(axis: int, position: int, rank: int) -> Shape:
    """The element at `position` along one axis and at 0 along the others."""
    return tuple(position if i == axis else 0 for i in range(rank))
