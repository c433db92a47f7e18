"""What operators share that make one element of all along some axes: shapes, rows, channels, frames."""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Self, cast

from verify.graph.tensor import Axis
from verify.graph.window import POINTWISE, Window
from verify.ops.base import (
    CountsNoMacs,
    Defaults,
    Op,
    OperatorSource,
    OverFrames,
    PadsNothing,
    Reordered,
    UnsupportedError,
)
from verify.ops.channels import Gone, Leaving, fewer, nothing, together
from verify.ops.operand_checks import constant_integers, positive_axis, require_shape
from verify.ops.rows import Shape, check_shape, reordered, row_shape


@dataclass(frozen=True)
class Reduced(CountsNoMacs, PadsNothing, Defaults):
    """An operator over axes.

    Args:
      input_shape, output_shape: under which the node sees its ends; the output may or may not keep reduced axes as 1.
      axes: of the input, ascending.
      frames: where not 0, the ends are images `[1, rows, width, channels]`, and output row y is made of input rows
        y to y + `frames` - 1; axis 1 is among `axes`.
    """

    input_shape: Shape
    output_shape: Shape
    axes: tuple[int, ...]
    frames: int = field(default=0, kw_only=True)

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
        return OverFrames(cast(Op, op), image, kept)

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


def read_axes(source: OperatorSource) -> tuple[Shape, Shape, tuple[int, ...]]:
    """Shapes of operand and result, and the axes, ascending, which a constant lists.

    Raises:
      UnsupportedError: if they are computed at run time or no axes of the operand, or if the result has another shape.
    """
    if len(source.inputs) != 2:
        raise UnsupportedError(f"{source.kind} with {len(source.inputs)} operands is not supported; it has 2")
    tensor, listed = source.inputs
    if tensor is None or listed is None:
        raise UnsupportedError(f"{source.kind} without its axes is not supported")
    check_shape(source.kind, tensor.shape)
    rank = len(tensor.shape)
    axes = sorted({positive_axis(source.kind, axis, rank) for axis in constant_integers(source.kind, "axes", listed)})
    keep = bool(source.options.get("keep_dims", False))
    kept = [1 if i in axes else extent for i, extent in enumerate(tensor.shape) if keep or i not in axes]
    require_shape(source.kind, source.outputs[0], tuple(kept))
    return tensor.shape, source.outputs[0].shape, tuple(axes)
