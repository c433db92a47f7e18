"""ARG_MAX and ARG_MIN of int8 along one axis, which an int32 constant names: int32 positions, of equal ones the first.

Sources: tensorflow/lite/micro/kernels/arg_min_max.cc; tensorflow/lite/kernels/internal/reference/arg_min_max.h.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, DType, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.base import CountsNoMacs, Defaults, OperatorSource, PadsNothing
from verify.ops.operand_checks import (
    constant_integers,
    operands_of,
    positive_axis,
    require_dtype,
    require_shape,
    unsupported,
)
from verify.ops.rows import Shape, as_rows


@dataclass(frozen=True)
class ArgMax(CountsNoMacs, PadsNothing, Defaults):
    """Where along an axis the largest element is.

    Args:
      shape: of the operand.
      axis: that is reduced; the node sees its result with extent 1 there.
    """

    shape: Shape
    axis: int
    kind: ClassVar[str] = "ARG_MAX"
    smaller: ClassVar[bool] = False

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x, along), (y,) = operands_of(source, 2), source.outputs
        require_dtype(source.kind, x, DType.INT8)
        require_dtype(f"{source.kind} (axis)", along, DType.INT32)
        require_dtype(f"{source.kind} (result)", y, DType.INT32)
        axes = constant_integers(source.kind, "axis", along)
        if len(axes) != 1:
            raise unsupported(f"{source.kind} along several axes", "the axis must be one integer", axes)
        axis = positive_axis(source.kind, axes[0], len(x.shape))
        require_shape(source.kind, y, (*x.shape[:axis], *x.shape[axis + 1 :]))
        return cls(x.shape, axis)

    @property
    def result(self) -> Shape:
        return (*self.shape[: self.axis], 1, *self.shape[self.axis + 1 :])

    @property
    def sees_results(self) -> tuple[Shape, ...]:
        """Of an image with one channel, rows are rows of the image."""
        return (self.result,)

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images, along channels or within rows."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        return POINTWISE if place is not None and is_image(self.shape) and self.axis not in (0, place) else None

    @property
    def row_wise(self) -> bool:
        """Unless the axis is one of those over which rows are counted."""
        return self.axis >= len(self.shape) - (1 if len(self.shape) == 2 else 2)

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return 0, self.shape[self.axis] - 1

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        return (intermediate("position", *self.stored(operands)),)

    def frame(self) -> Self | None:
        """Where the leading axis is left alone."""
        return replace(self, shape=(1, *self.shape[1:])) if self.axis > 0 and len(self.shape) > 1 else None

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        find = np.argmin if self.smaller else np.argmax
        found = find(inputs[0].reshape(self.shape), axis=self.axis).astype(np.int32)
        return (as_rows(found.reshape(self.result), rows),)


@dataclass(frozen=True)
class ArgMin(ArgMax):
    """Where along an axis the smallest element is."""

    kind: ClassVar[str] = "ARG_MIN"
    smaller: ClassVar[bool] = True
