"""What operators with two operands have in common: shapes that stretch to each other, and the windows they get."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, DType, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.activation import activation_range
from verify.ops.arithmetic import Stored, stored_range
from verify.ops.base import CountsNoMacs, Defaults, OperatorSource, PadsNothing, Reordered
from verify.ops.channels import Channels, Gone, Leaving, fewer
from verify.ops.elementwise import Scale
from verify.ops.operand_checks import (
    activation_option,
    operands_of,
    per_tensor,
    require_dtype,
    require_shape,
    unsupported,
)
from verify.ops.rows import Shape, all_reordered, as_rows, part_of, place_of_axis, row_step

IMAGE_AXES = {Axis.HEIGHT: 1, Axis.WIDTH: 2}


@dataclass(frozen=True)
class Strides:
    """How an operand is walked: what one step along each of the result's five axes means in the operand's memory."""

    rows: tuple[int, ...]
    elements: tuple[int, ...]


def broadcast_strides(operand: Shape, result: Shape) -> Strides:
    """Steps through an operand whose axes, aligned at the last one, equal the result's or are 1 (and then stay put)."""
    rows, elements = [0] * 5, [0] * 5
    missing = len(result) - len(operand)
    for axis, extent in enumerate(operand):
        if extent > 1:
            place = place_of_axis(len(result), axis + missing)
            rows[place], elements[place] = row_step(operand, axis)
    return Strides(tuple(rows), tuple(elements))


@dataclass(frozen=True)
class Binary(CountsNoMacs, PadsNothing, Defaults):
    """Two operands and a result, int8 unless `dtype` and `result_dtype` say otherwise. Implementations give `combine`.

    Args:
      shapes: of the two operands.
      result: their common shape after broadcasting.
      scales: quantization of the operands.
      output: quantization of the result.
      low, high: stored bounds of the fused activation.
    """

    shapes: tuple[Shape, Shape]
    result: Shape
    scales: tuple[Scale, Scale]
    output: Scale
    low: int
    high: int
    dtype: ClassVar[DType] = DType.INT8
    result_dtype: ClassVar[DType] = DType.INT8

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        kind = source.kind
        x1, x2 = operands_of(source, 2)
        y = source.outputs[0]
        for tensor in (x1, x2, y):
            require_dtype(kind, tensor, cls.dtype)
        require_shape(kind, y, broadcast_shape(kind, x1.shape, x2.shape))
        output = Scale(*per_tensor(kind, y))
        assert y.quantization is not None
        low, high = activation_range(activation_option(source), y.quantization, stored_range(cls.dtype))
        scales = (Scale(*per_tensor(kind, x1)), Scale(*per_tensor(kind, x2)))
        op = cls((x1.shape, x2.shape), y.shape, scales, output, low, high)
        op.check_scales()
        return op

    def check_scales(self) -> None:
        """Raises UnsupportedError if the multipliers that the scales give are out of range."""
        raise NotImplementedError

    def combine(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        """Stored results before the activation, int64, of stored operands, int64.

        In each operand it rises or falls throughout, whatever the other one holds (`channel_ranges`).
        """
        raise NotImplementedError

    @property
    def operands(self) -> tuple[int, ...]:
        return (0, 1)

    def window(self, position: int, axis: Axis) -> Window | None:
        """For operands that are images and do not stretch along height."""
        shape = self.shapes[position]
        if axis not in IMAGE_AXES or not is_image(self.result) or not is_image(shape):
            return None
        place = IMAGE_AXES[axis]
        return POINTWISE if shape[place] == self.result[place] else None

    @property
    def row_wise(self) -> bool:
        return True

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return self.low, self.high

    @property
    def tile_wise(self) -> bool:
        return is_image(self.result) and self.shapes == (self.result, self.result)

    @property
    def channel_wise(self) -> bool:
        """Where no operand stretches over channels."""
        return all(shape[-1:] == self.result[-1:] for shape in self.shapes)

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels:
        """From the corners, for `combine` rises or falls in each operand."""
        first, second = operands
        corners = [self.combine(x1, x2) for x1 in (first.low, first.high) for x2 in (second.low, second.high)]
        clamped = np.clip(np.broadcast_arrays(*corners), self.low, self.high)
        return Channels(clamped.min(axis=0), clamped.max(axis=0))

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        """Together with the channels of each operand that does not stretch over them."""
        both = set(results).intersection(*(gone for k, gone in enumerate(operands) if not self._stretches(k)))
        return tuple(set[int]() if self._stretches(k) else both for k in range(2)), both

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        if self.leaving(operands, results) != (tuple(gone.keys() for gone in operands), results):
            return None
        shapes = [fewer(shape, gone) if gone else shape for shape, gone in zip(self.shapes, operands, strict=True)]
        return replace(self, shapes=(shapes[0], shapes[1]), result=fewer(self.result, results))

    def _stretches(self, operand: int) -> bool:
        """Whether an operand has one channel for all of the result's."""
        return self.shapes[operand][-1:] != self.result[-1:]

    def frame(self) -> Self | None:
        """An operand that stretches along the leading axis is the same at every position."""
        if len(self.result) < 2:
            return None
        shapes = [(1, *shape[1:]) if len(shape) == len(self.result) else shape for shape in self.shapes]
        return replace(self, shapes=(shapes[0], shapes[1]), result=(1, *self.result[1:]))

    def part(self, count: int) -> Self | None:
        """Along the first axis that has more than one position, where no operand stretches along it."""
        parts = [part_of(shape, count) for shape in (*self.shapes, self.result)]
        if any(part is None or len(part) != len(self.result) for part in parts):
            return None
        first, second, result = (part for part in parts if part is not None)
        return replace(self, shapes=(first, second), result=result)

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """An operand of fewer axes is aligned at the last one; one of a single axis stays as it is where that stays."""
        stays = axes[-1] == len(self.result) - 1
        wide = [(1,) * (len(self.result) - len(shape)) + shape for shape in (*self.shapes, self.result)]
        found = all_reordered(wide, axes)
        if found is None:
            return None
        first, second = (
            shape if stays and len(shape) < 2 else new for shape, new in zip(self.shapes, found[:2], strict=True)
        )
        return Reordered(replace(self, shapes=(first, second), result=found[2]), (first, second), found[2:])

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        x1, x2 = (as_rows(np.broadcast_to(x, self.result), rows).astype(np.int64) for x in inputs)
        return (np.clip(self.combine(x1, x2), self.low, self.high).astype(self.result_dtype.numpy),)


def broadcast_shape(kind: str, first: Shape, second: Shape) -> Shape:
    """The common shape of two operands.

    Raises:
      UnsupportedError: if they do not stretch to each other.
    """
    try:
        return np.broadcast_shapes(first, second)
    except ValueError:
        rule = "aligned at the last axis, extents must be equal or 1"
        raise unsupported(f"{kind} of these shapes", rule, f"{first} and {second}") from None


def require_four_axes(kind: str, first: Shape, second: Shape) -> None:
    """Raises UnsupportedError where operands of more than four axes stretch, which some of TFLM's kernels cannot do."""
    if first != second and max(len(first), len(second)) > 4:
        rule = "TFLM stretches operands of at most four axes here"
        raise unsupported(f"{kind} of these shapes", rule, f"{first} and {second}")
