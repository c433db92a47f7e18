"""CONV_2D by stj_conv_2d_s8, and DEPTHWISE_CONV_2D of a single channel, which is the same."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from verify.graph.graph import Node
from verify.ops.conv_2d import Conv2D
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.targets.call import Field
from verify.targets.kernel import Work
from verify.targets.portable.counted import Windows, convolution_work
from verify.targets.portable.weights import PortableWeights


class Conv2DKernel(PortableWeights[Conv2D]):
    """Rows and regions, with groups."""

    name = "stj_conv_2d_s8"
    operator = Conv2D
    params_type = "stj_conv_2d_params"

    def runs(self, node: Node) -> bool:
        op = node.op
        return isinstance(op, Conv2D) or (isinstance(op, DepthwiseConv2D) and op.geometry.input_shape[3] == 1)

    def op(self, node: Node) -> Conv2D:
        op = node.op
        if isinstance(op, DepthwiseConv2D) and self.runs(node):
            weights = op.taps.reshape(op.multiplier, *op.geometry.kernel, 1)
            return Conv2D(op.geometry, weights, op.bias, 1, op.input_zero_point, op.rescale)
        return super().op(node)

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        found = super().restored(node, arrays)
        if isinstance(node.op, DepthwiseConv2D):
            weights = found["weights"].reshape(node.op.multiplier, -1).T
            return {**found, "weights": weights.reshape(node.op.weights.shape)}
        return found

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def clips(self, node: Node) -> bool:
        return self.op(node).padding is not None

    def groups(self, node: Node) -> int:
        return self.op(node).groups

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        op = self.op(node)
        windows = Windows.of(op.geometry, rows, columns)
        if op.groups > 1 or op.geometry.dilation[1] > 1:
            windows = replace(windows, pairs=0.0)
        done = convolution_work(windows, op.geometry.kernel[0], op.weights.shape[3], len(op.weights))
        return {"call": 1, "row": rows, **done}

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        g = op.geometry
        fields = self.pointers(node)
        fields |= dict(zip(("in_h", "in_w", "in_c"), g.input_shape[1:], strict=True))
        fields |= dict(zip(("out_h", "out_w", "out_c"), g.output_shape[1:], strict=True))
        fields |= {"kernel_h": g.kernel[0], "kernel_w": g.kernel[1], "stride_h": g.stride[0], "stride_w": g.stride[1]}
        fields |= {"dilation_h": g.dilation[0], "dilation_w": g.dilation[1], "pad_top": g.top, "pad_left": g.left}
        return fields | {"groups": op.groups} | self.scalars(node)
