"""MUL as a call of stj_mul_s8."""

from export.c.broadcast import binary_fields
from export.c.call import KernelCall
from verify.graph.graph import Node
from verify.ops.mul import Mul


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, Mul)
    multiplier, shift = op.multiplier
    fields = binary_fields(op) | {"multiplier": multiplier, "shift": shift}
    return KernelCall("stj_mul_s8", "stj_mul_params", fields, tiles=op.tile_wise)
