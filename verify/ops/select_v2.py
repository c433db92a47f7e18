"""SELECT_V2 on int8: each value is copied from one of two operands, as a bool says. Scales are not looked at.

Source: tensorflow/lite/micro/kernels/select.cc (SelectPrepare).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, DType, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.arithmetic import Stored
from verify.ops.base import Defaults, MovesOnly, OperatorSource, PadsNothing, Reordered
from verify.ops.broadcast import broadcast_shape
from verify.ops.operand_checks import operands_of, require_dtype, require_shape
from verify.ops.rows import Shape, all_reordered, as_rows


@dataclass(frozen=True)
class SelectV2(MovesOnly, PadsNothing, Defaults):
    """x where the condition holds, y elsewhere; smaller shapes stretch to the largest.

    Args:
      shapes: of the condition, x and y.
      result: their common shape.
    """

    shapes: tuple[Shape, Shape, Shape]
    result: Shape
    kind: ClassVar[str] = "SELECT_V2"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        condition, x, y = operands_of(source, 3)
        (result,) = source.outputs
        require_dtype(f"{source.kind} (condition)", condition, DType.BOOL)
        for tensor in (x, y, result):
            require_dtype(source.kind, tensor, DType.INT8)
        shape = broadcast_shape(source.kind, broadcast_shape(source.kind, condition.shape, x.shape), y.shape)
        require_shape(source.kind, result, shape)
        return cls((condition.shape, x.shape, y.shape), shape)

    @property
    def operands(self) -> tuple[int, ...]:
        return (0, 1, 2)

    def window(self, position: int, axis: Axis) -> Window | None:
        """For operands that are images and do not stretch along height."""
        shape = self.shapes[position]
        images = is_image(self.result) and is_image(shape)
        return POINTWISE if axis is Axis.HEIGHT and images and shape[1] == self.result[1] else None

    @property
    def row_wise(self) -> bool:
        return True

    def stored(self, operands: Sequence[Stored]) -> Stored:
        (low1, high1), (low2, high2) = operands[1:]
        return min(low1, low2), max(high1, high2)

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """Where all operands have the result's axes."""
        if any(len(shape) != len(self.result) for shape in self.shapes):
            return None
        found = all_reordered((*self.shapes, self.result), axes)
        if found is None:
            return None
        ends = found[0], found[1], found[2]
        return Reordered(type(self)(ends, found[3]), ends, found[3:])

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        condition, x, y = (np.broadcast_to(array, self.result) for array in inputs)
        return (as_rows(np.where(condition, x, y), rows),)
