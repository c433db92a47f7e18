"""CUMSUM on int8 along one axis.

Source: tensorflow/lite/micro/kernels/cumsum.cc.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.base import OperatorSource, Reordered
from verify.ops.elementwise import unary_int8
from verify.ops.operand_checks import constant_integers, operands_of, positive_axis, unsupported
from verify.ops.rows import all_reordered, as_rows, place_of_axis
from verify.ops.summed import Summed

ROW_PLACES = (3, 4)  # of the five axes


@dataclass(frozen=True)
class Cumsum(Summed):
    """Sums of all values up to each position of an axis, itself included unless `exclusive`, from the end on if
    `reverse`.
    """

    axis: int
    exclusive: bool
    reverse: bool
    kind: ClassVar[str] = "CUMSUM"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        _, axis = operands_of(source, 2)
        shape, scale, output = unary_int8(replace(source, inputs=source.inputs[:1]))
        axes = constant_integers(source.kind, "axis", axis)
        if len(axes) != 1 or not shape:
            raise unsupported("CUMSUM along these axes", "it is one of the operand's", axes)
        ways = (bool(source.options.get(name)) for name in ("exclusive", "reverse"))
        return cls(shape, scale, output, positive_axis(source.kind, axes[0], len(shape)), *ways).check()

    @property
    def terms(self) -> int:
        return self.shape[self.axis]

    @property
    def row_wise(self) -> bool:
        return place_of_axis(len(self.shape), self.axis) in ROW_PLACES

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images along width or channels."""
        return POINTWISE if axis is Axis.HEIGHT and is_image(self.shape) and self.row_wise else None

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        found = all_reordered((self.shape,), axes)
        if found is None:
            return None
        return Reordered(replace(self, shape=found[0], axis=list(axes).index(self.axis)), found, found)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        x = np.moveaxis(inputs[0].astype(np.int64) - self.input.zero_point, self.axis, 0)
        x = x[::-1] if self.reverse else x
        sums = np.cumsum(x, axis=0) - (x if self.exclusive else 0)
        sums = np.moveaxis(sums[::-1] if self.reverse else sums, 0, self.axis)
        return (as_rows(self.result(sums), rows),)
