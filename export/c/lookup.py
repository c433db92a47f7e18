"""Calls of stj_lookup_s8: any operator that is a function of one stored 8-bit value."""

import math

import numpy as np

from export.c.call import Constant, KernelCall
from verify.graph.graph import Node
from verify.ops.elementwise import Lookup
from verify.ops.rows import row_shape


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, Lookup)
    table = Constant(f"{prefix}_table", "uint8_t", op.table.view(np.uint8))
    fields: dict[str, str | int] = {"row_bytes": math.prod(row_shape(op.shape)), "table": table.name}
    return KernelCall("stj_lookup_s8", "stj_lookup_params", fields, (table,), op.tile_wise)
