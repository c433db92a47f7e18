"""MEAN and SUM as calls of stj_mean_s8."""

import math

from export.c.call import KernelCall
from export.c.text import braced
from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.mean import Reduction
from verify.ops.rows import five_axes, place_of_axis


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, Reduction)
    # Over frames, the kernel adds up all slots of a ring that holds just the frames of one window, so it need not know
    # at which of them the window starts: what it sums is the same from every row.
    rank = len(op.input_shape)
    reduced = {place_of_axis(rank, axis) for axis in op.axes}
    fields: dict[str, str | int] = {
        "extent": braced(five_axes(op.summed_shape)),
        "reduced": braced(int(axis in reduced) for axis in range(5)),
        "row_elements": math.prod(op.output_shape) // row_count(op.output_shape),
        "multiplier": op.multiplier,
        "shift": op.shift,
        "in_zero_point": op.input_zero_point,
        "out_zero_point": op.output_zero_point,
    }
    return KernelCall("stj_mean_s8", "stj_mean_params", fields)
