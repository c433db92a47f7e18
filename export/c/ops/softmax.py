"""SOFTMAX as a call of stj_softmax_s8."""

import math

from export.c.call import Constant, KernelCall
from verify.graph.graph import Node
from verify.ops.rows import row_shape
from verify.ops.softmax import Softmax


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, Softmax)
    *positions, classes = row_shape(op.shape)
    table = Constant(f"{prefix}_exponentials", "int32_t", op.table)
    fields: dict[str, str | int] = {"width": math.prod(positions), "classes": classes, "exponentials": table.name}
    return KernelCall("stj_softmax_s8", "stj_softmax_params", fields, (table,))
