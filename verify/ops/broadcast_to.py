"""BROADCAST_TO: the operand, repeated along every axis where it has one position and the result has more.

Source: tensorflow/lite/micro/kernels/broadcast_to.cc.
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
class BroadcastTo(Movement):
    """Repeats a tensor, aligned at the last axis."""

    kind: ClassVar[str] = "BROADCAST_TO"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        x, wanted = operands_of(source, 2)
        shape = constant_integers(source.kind, "shape", wanted)
        aligned = (1,) * (len(shape) - len(x.shape)) + x.shape
        if len(aligned) != len(shape) or any(a not in (1, b) for a, b in zip(aligned, shape, strict=True)):
            rule = "aligned at the last axis, extents must be equal or the operand's 1"
            raise unsupported("BROADCAST_TO of these shapes", rule, f"{x.shape} to {shape}")
        require_shape(source.kind, source.outputs[0], shape)
        return cls((x.shape,), (shape,), check_movable(source, (0,)))

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images that are not repeated along height."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        if place is None or not is_image(self.inputs[0]) or not is_image(self.outputs[0]):
            return None
        return POINTWISE if self.inputs[0][place] == self.outputs[0][place] else None

    def frame(self) -> Self | None:
        """An operand that stretches along the leading axis is the same at every position."""
        if len(self.outputs[0]) < 2 or len(self.inputs[0]) != len(self.outputs[0]):
            return None
        return replace(self, inputs=((1, *self.inputs[0][1:]),), outputs=((1, *self.outputs[0][1:]),))

    @property
    def moves(self) -> tuple[Move, ...]:
        (operand,), (result,) = self.inputs, self.outputs
        missing = len(result) - len(operand)
        stays = [axis >= missing and operand[axis - missing] > 1 for axis in range(len(result))]
        routes = [Route(axis - missing if stays[axis] else None) for axis in range(len(result))]
        return (box_move((operand, result), routes),)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (as_rows(np.broadcast_to(inputs[0], self.outputs[0]), rows),)
