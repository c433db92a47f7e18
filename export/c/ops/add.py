"""ADD and SUB as a call of stj_add_s8."""

from export.c.broadcast import binary_fields, c_list
from export.c.call import KernelCall
from verify.graph.graph import Node
from verify.ops.add import Add


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, Add)
    *operands, (multiplier, shift) = op.multipliers
    fields = binary_fields(op) | {
        "in_multiplier": c_list(operand[0] for operand in operands),
        "in_shift": c_list(operand[1] for operand in operands),
        "sign": op.sign,
        "out_multiplier": multiplier,
        "out_shift": shift,
    }
    return KernelCall("stj_add_s8", "stj_add_params", fields, tiles=op.tile_wise)
