"""DEPTHWISE_CONV_2D by stj_depthwise_conv_2d_s8."""

from collections.abc import Mapping

from verify.graph.graph import Node
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.targets.call import Field
from verify.targets.portable.weights import PortableWeights, rescale_fields


class DepthwiseConv2DKernel(PortableWeights[DepthwiseConv2D]):
    """Rows and regions, with a depth multiplier."""

    name = "stj_depthwise_conv_2d_s8"
    operator = DepthwiseConv2D
    params_type = "stj_depthwise_conv_2d_params"

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        g = op.geometry
        fields = self.pointers(node)
        fields |= dict(zip(("in_h", "in_w", "in_c"), g.input_shape[1:], strict=True))
        fields |= {"out_h": g.output_shape[1], "out_w": g.output_shape[2], "depth_multiplier": op.multiplier}
        fields |= {"kernel_h": g.kernel[0], "kernel_w": g.kernel[1], "stride_h": g.stride[0], "stride_w": g.stride[1]}
        fields |= {"dilation_h": g.dilation[0], "dilation_w": g.dilation[1], "pad_top": g.top, "pad_left": g.left}
        return fields | rescale_fields(op.input_zero_point, op.rescale)
