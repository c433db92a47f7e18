"""CONV_2D as a call of stj_conv_2d_s8."""

from export.c.call import KernelCall
from export.c.weights import rescale_fields, weight_constants
from verify.graph.graph import Node
from verify.ops.conv_2d import Conv2D


def emit(node: Node, prefix: str) -> KernelCall:
    op = node.op
    assert isinstance(op, Conv2D)
    g = op.geometry
    fields, constants = weight_constants(prefix, op.weights, op.bias, op.rescale)
    fields |= dict(zip(("in_h", "in_w", "in_c"), g.input_shape[1:], strict=True))
    fields |= dict(zip(("out_h", "out_w", "out_c"), g.output_shape[1:], strict=True))
    fields |= {"kernel_h": g.kernel[0], "kernel_w": g.kernel[1], "stride_h": g.stride[0], "stride_w": g.stride[1]}
    fields |= {"dilation_h": g.dilation[0], "dilation_w": g.dilation[1], "pad_top": g.top, "pad_left": g.left}
    fields |= {"groups": op.groups} | rescale_fields(op.input_zero_point, op.rescale)
    return KernelCall("stj_conv_2d_s8", "stj_conv_2d_params", fields, constants, op.tile_wise)
