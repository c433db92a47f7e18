"""FULLY_CONNECTED as a call of stj_fully_connected_s8."""

import math

from export.c.call import KernelCall
from export.c.weights import rescale_fields, weight_constants
from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.fully_connected import FullyConnected


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, FullyConnected)
    out_depth, in_depth = op.weights.shape
    fields, constants = weight_constants(prefix, op.weights, op.bias, op.rescale)
    fields |= {"per_channel": int(op.rescale.multiplier.size > 1), "single_rounding": int(op.rounding == "single")}
    fields |= {"in_depth": in_depth, "out_depth": out_depth}
    fields["vectors_per_row"] = math.prod(op.output_shape) // out_depth // row_count(op.output_shape)
    fields |= rescale_fields(op.input_zero_point, op.rescale)
    return KernelCall("stj_fully_connected_s8", "stj_fully_connected_params", fields, constants)
