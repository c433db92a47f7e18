"""Parameter fields that kernels with two operands have in common (stj_broadcast.h)."""

from typing import TypeVar

from verify.graph.graph import Node
from verify.ops.broadcast import Binary, Strides, broadcast_strides
from verify.ops.rows import five_axes
from verify.targets.call import Field
from verify.targets.portable.base import Portable

T = TypeVar("T", bound=Binary)


class PortableBinary(Portable[T]):
    """Kernels that read element i of both operands, then write element i of the result."""

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def in_place(self, node: Node) -> frozenset[int]:
        op = self.op(node)
        return frozenset(position for position in (0, 1) if op.shapes[position] == op.result)


def flattens(strides: Strides, channels: int) -> bool:
    """Whether an operand is walked evenly over all of a row, so that width and channels count as one axis."""
    return strides.rows[3] == 0 and strides.elements[3] == channels * strides.elements[4]


def binary_fields(op: Binary) -> dict[str, Field]:
    """`result`, `operands` and the zero points."""
    return {**shape_fields(op), "in_zero_point": tuple(scale.zero_point for scale in op.scales)}


def shape_fields(op: Binary) -> dict[str, Field]:
    """`result` and `operands`, whose steps within a row are bytes."""
    _, *leading, width, channels = five_axes(op.result)
    operands = [broadcast_strides(shape, op.result) for shape in op.shapes]
    if width > 1 and all(flattens(strides, channels) for strides in operands):
        width, channels = 1, width * channels
    return {
        "result": (tuple(leading), width, channels),
        "operands": tuple((s.rows[:4], tuple(op.dtype.size_bytes * n for n in s.elements[3:])) for s in operands),
    }


def result_fields(op: Binary) -> dict[str, Field]:
    """Zero point and range of the result."""
    return {"out_zero_point": op.output.zero_point, "out_min": op.low, "out_max": op.high}
