"""Parameter fields that kernels with two operands have in common (stj_broadcast.h)."""

from collections.abc import Iterable

from verify.ops.broadcast import Binary, Strides, broadcast_strides
from verify.ops.rows import five_axes


def c_list(values: Iterable[object]) -> str:
    return "{" + ", ".join(map(str, values)) + "}"


def flattens(strides: Strides, channels: int) -> bool:
    """Whether an operand is walked evenly over all of a row, so that width and channels count as one axis."""
    return strides.rows[3] == 0 and strides.elements[3] == channels * strides.elements[4]


def binary_fields(op: Binary) -> dict[str, str | int]:
    """`result`, `operands` and the zero points; elements are bytes here."""
    _, *leading, width, channels = five_axes(op.result)
    operands = [broadcast_strides(shape, op.result) for shape in op.shapes]
    if width > 1 and all(flattens(strides, channels) for strides in operands):
        width, channels = 1, width * channels
    walks = [c_list((c_list(s.rows[:4]), c_list(s.elements[3:]))) for s in operands]
    return {
        "result": c_list((c_list(leading), width, channels)),
        "operands": c_list(walks),
        "in_zero_point": c_list(scale.zero_point for scale in op.scales),
        "out_zero_point": op.output.zero_point,
        "out_min": op.low,
        "out_max": op.high,
    }
