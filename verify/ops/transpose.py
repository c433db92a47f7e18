"""TRANSPOSE: the operand's axes in another order.

Source: tensorflow/lite/kernels/internal/reference/transpose.h.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.base import OperatorSource
from verify.ops.move import Move, Movement, Route, box_move, check_movable
from verify.ops.operand_checks import constant_integers, operands_of, require_shape, unsupported
from verify.ops.rows import as_rows


@dataclass(frozen=True)
class Transpose(Movement):
    """Axis i of the result is axis `order[i]` of the operand."""

    order: tuple[int, ...]
    kind: ClassVar[str] = "TRANSPOSE"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, permutation = operands_of(source, 2)
        rank = len(x.shape)
        order = constant_integers(source.kind, "permutation", permutation)
        if sorted(order) != list(range(rank)):
            raise unsupported("TRANSPOSE by this permutation", f"it must order the axes 0 to {rank - 1}", order)
        dtype = check_movable(source, (0,))
        result = tuple(x.shape[axis] for axis in order)
        require_shape(source.kind, source.outputs[0], result)
        return cls((x.shape,), (result,), dtype, order)

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images whose height stays where it is."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        if place is None or not is_image(self.inputs[0]) or not is_image(self.outputs[0]):
            return None
        return POINTWISE if self.order[place] == place else None

    @property
    def axes_order(self) -> tuple[int, ...]:
        return self.order

    def frame(self) -> Self | None:
        """Where the leading axis stays."""
        if self.order[:1] != (0,) or len(self.order) < 2:
            return None
        return replace(self, inputs=((1, *self.inputs[0][1:]),), outputs=((1, *self.outputs[0][1:]),))

    @property
    def moves(self) -> tuple[Move, ...]:
        return (box_move((self.inputs[0], self.outputs[0]), [Route(axis) for axis in self.order]),)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (as_rows(np.transpose(inputs[0], self.order), rows),)
