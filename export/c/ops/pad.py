"""PAD and PADV2 as calls of stj_pad_s8."""

from export.c.call import KernelCall
from export.c.text import braced
from verify.graph.graph import Node
from verify.ops.pad import Pad
from verify.ops.rows import five_axes, place_of_axis


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, Pad)
    rank = len(op.input_shape)
    before = [0] * 5
    for axis, count in enumerate(op.before):
        before[place_of_axis(rank, axis)] = count
    fields: dict[str, str | int] = {
        "in_extent": braced(five_axes(op.input_shape)),
        "out_extent": braced(five_axes(op.output_shape)),
        "before": braced(before),
        "value": op.value,
    }
    return KernelCall("stj_pad_s8", "stj_pad_params", fields)
