"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED on int16 by stj_conv_2d_s16, ... and stj_fully_connected_s16."""

import math
from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.graph.tensor import row_count
from verify.ops.geometry import ImageWindow
from verify.ops.wide.conv_2d import WideConv2D
from verify.ops.wide.depthwise_conv_2d import WideDepthwiseConv2D
from verify.ops.wide.fully_connected import WideFullyConnected
from verify.targets.call import Field
from verify.targets.portable.wide_weights import WideWeights


class WideConv2DKernel(WideWeights[WideConv2D]):
    """Rows and regions, with groups."""

    name = "stj_conv_2d_s16"
    operator = WideConv2D
    params_type = "stj_conv_2d_s16_params"

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def groups(self, node: Node) -> int:
        return self.op(node).groups

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        fields = self.pointers(node)
        fields |= dict(zip(("in_h", "in_w", "in_c"), op.geometry.input_shape[1:], strict=True))
        fields |= dict(zip(("out_h", "out_w", "out_c"), op.geometry.output_shape[1:], strict=True))
        return fields | window_fields(op.geometry) | {"groups": op.groups} | self.scalars(node)


class WideDepthwiseConv2DKernel(WideWeights[WideDepthwiseConv2D]):
    """Rows and regions, with a depth multiplier. Weights stay as the file has them: a tap's channels side by side."""

    name = "stj_depthwise_conv_2d_s16"
    operator = WideDepthwiseConv2D
    params_type = "stj_depthwise_conv_2d_s16_params"
    lanes = 1

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def laid_out(self, lanes: np.ndarray) -> np.ndarray:
        return lanes.T.reshape(-1)

    def taken_apart(self, weights: np.ndarray, products: int) -> np.ndarray:
        return weights.reshape(products, -1).T

    def as_in_file(self, op: WideDepthwiseConv2D, taps: np.ndarray) -> np.ndarray:
        return taps.T.reshape(op.weights.shape)

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        fields = self.pointers(node)
        fields |= dict(zip(("in_h", "in_w", "in_c"), op.geometry.input_shape[1:], strict=True))
        fields |= dict(zip(("out_h", "out_w"), op.geometry.output_shape[1:3], strict=True))
        return fields | {"depth_multiplier": op.multiplier} | window_fields(op.geometry) | self.scalars(node)


class WideFullyConnectedKernel(WideWeights[WideFullyConnected]):
    """Rows of vectors; a multiplier for all outputs is stored as one for each."""

    name = "stj_fully_connected_s16"
    operator = WideFullyConnected
    params_type = "stj_fully_connected_s16_params"

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        out_depth, in_depth = op.weights.shape
        fields: dict[str, Field] = {**self.pointers(node), "in_depth": in_depth, "out_depth": out_depth}
        fields["vectors_per_row"] = math.prod(op.output_shape) // out_depth // row_count(op.output_shape)
        return fields | self.scalars(node)


def window_fields(g: ImageWindow) -> dict[str, Field]:
    """Taps, strides, dilations and padding, as the structs of both convolutions have them."""
    return {
        "kernel_h": g.kernel[0],
        "kernel_w": g.kernel[1],
        "stride_h": g.stride[0],
        "stride_w": g.stride[1],
        "dilation_h": g.dilation[0],
        "dilation_w": g.dilation[1],
        "pad_top": g.top,
        "pad_left": g.left,
    }
