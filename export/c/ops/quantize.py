"""QUANTIZE as a call of stj_quantize_s8 (from float32) or stj_lookup_s8."""

import math

from export.c import lookup
from export.c.call import KernelCall
from export.c.text import c_float
from verify.graph.graph import Node
from verify.ops.quantize import Quantize
from verify.ops.rows import row_shape


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, Quantize)
    if not op.real:
        return lookup.emit(node, prefix)
    fields: dict[str, str | int] = {
        "row_elements": math.prod(row_shape(op.shape)),
        "scale": c_float(op.output.scale),
        "zero_point": op.output.zero_point,
    }
    return KernelCall("stj_quantize_s8", "stj_quantize_params", fields)
