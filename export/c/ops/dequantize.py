"""DEQUANTIZE as a call of stj_dequantize_s8."""

import math

from export.c.call import KernelCall
from export.c.text import c_float
from verify.graph.graph import Node
from verify.ops.dequantize import Dequantize
from verify.ops.rows import row_shape


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, Dequantize)
    fields: dict[str, str | int] = {
        "row_elements": math.prod(row_shape(op.shape)),
        "scale": c_float(op.input.scale),
        "zero_point": op.input.zero_point,
    }
    return KernelCall("stj_dequantize_s8", "stj_dequantize_params", fields)
