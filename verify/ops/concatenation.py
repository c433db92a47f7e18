"""CONCATENATION and PACK: operands side by side along an existing or a new axis.

Sources: tensorflow/lite/micro/kernels/concatenation.cc (int8 is copied, not rescaled; LiteRT demands equal scales),
pack.cc.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.base import OperatorSource, Reordered
from verify.ops.move import Move, Movement, Route, box_move, check_movable
from verify.ops.operand_checks import (
    activation_option,
    integer_option,
    operands_of,
    positive_axis,
    require_shape,
    unsupported,
)
from verify.ops.rows import all_reordered, as_rows, place_of_axis

ROW_PLACES = (3, 4)  # of the five axes


@dataclass(frozen=True)
class Join(Movement):
    """Operands that lie side by side along `axis` of the result."""

    axis: int

    @property
    def operands(self) -> tuple[int, ...]:
        return tuple(range(len(self.inputs)))

    @property
    def row_wise(self) -> bool:
        return place_of_axis(len(self.outputs[0]), self.axis) in ROW_PLACES


@dataclass(frozen=True)
class Concatenation(Join):
    """The operands side by side along an axis they have."""

    kind: ClassVar[str] = "CONCATENATION"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        tensors = operands_of(source, None)
        shapes = tuple(tensor.shape for tensor in tensors)
        axis = positive_axis(source.kind, integer_option(source, "axis"), len(shapes[0]))
        others = {shape[:axis] + (None,) + shape[axis + 1 :] for shape in shapes}
        if len(others) > 1:
            rule = f"shapes may differ along axis {axis} only"
            raise unsupported("CONCATENATION of these shapes", rule, ", ".join(map(str, shapes)))
        if activation_option(source) != "NONE":
            rule = "TFLM copies without one"
            raise unsupported("CONCATENATION with a fused activation", rule, activation_option(source))
        result = (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])
        require_shape(source.kind, source.outputs[0], result)
        return cls(shapes, (result,), check_movable(source, tuple(range(len(shapes)))), axis)

    def frame(self) -> Self | None:
        """Unless the operands are joined along the leading axis."""
        if self.axis == 0:
            return None
        inputs = tuple((1, *shape[1:]) for shape in self.inputs)
        return replace(self, inputs=inputs, outputs=((1, *self.outputs[0][1:]),))

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        shapes = all_reordered((*self.inputs, *self.outputs), axes)
        if shapes is None:
            return None
        inputs, outputs = shapes[:-1], shapes[-1:]
        op = replace(self, inputs=inputs, outputs=outputs, axis=list(axes).index(self.axis))
        return Reordered(op, inputs, outputs)

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images side by side along width or channels."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        if place is None or not is_image(self.outputs[0]) or self.axis in (0, place):
            return None
        return POINTWISE

    @property
    def moves(self) -> tuple[Move, ...]:
        routes = [Route(axis) for axis in range(len(self.outputs[0]))]
        ends = list(itertools.accumulate(shape[self.axis] for shape in self.inputs))
        found = []
        for source, (shape, end) in enumerate(zip(self.inputs, ends, strict=True)):
            begin = tuple(end - shape[axis] if axis == self.axis else 0 for axis in range(len(shape)))
            found.append(box_move((shape, self.outputs[0]), routes, source, begin=begin, extent=shape))
        return tuple(found)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (as_rows(np.concatenate(inputs, axis=self.axis), rows),)


@dataclass(frozen=True)
class Pack(Join):
    """The operands side by side along a new axis."""

    kind: ClassVar[str] = "PACK"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        tensors = operands_of(source, None)
        shapes = tuple(tensor.shape for tensor in tensors)
        if len(set(shapes)) > 1:
            raise unsupported("PACK of these shapes", "they must be equal", ", ".join(map(str, shapes)))
        axis = positive_axis(source.kind, integer_option(source, "axis"), len(shapes[0]) + 1)
        result = (*shapes[0][:axis], len(shapes), *shapes[0][axis:])
        require_shape(source.kind, source.outputs[0], result)
        return cls(shapes, (result,), check_movable(source, tuple(range(len(shapes)))), axis)

    @property
    def moves(self) -> tuple[Move, ...]:
        (result,) = self.outputs
        axes = range(len(result))
        routes = [Route(None if i == self.axis else i - (i > self.axis)) for i in axes]
        extent = tuple(1 if i == self.axis else result[i] for i in axes)
        return tuple(
            box_move(
                (shape, result), routes, source, begin=tuple(source * (i == self.axis) for i in axes), extent=extent
            )
            for source, shape in enumerate(self.inputs)
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (as_rows(np.stack(inputs, axis=self.axis), rows),)
