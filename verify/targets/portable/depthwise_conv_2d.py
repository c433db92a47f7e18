"""DEPTHWISE_CONV_2D by stj_depthwise_conv_2d_s8."""

from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.targets.call import Field
from verify.targets.kernel import Work
from verify.targets.portable.counted import Windows, depthwise_work
from verify.targets.portable.weights import PortableWeights

LANES = 4
"""Channels that are computed together."""


class DepthwiseConv2DKernel(PortableWeights[DepthwiseConv2D]):
    """Rows and regions, with a depth multiplier. Weights stay as the file has them: a tap's channels side by side."""

    name = "stj_depthwise_conv_2d_s8"
    operator = DepthwiseConv2D
    params_type = "stj_depthwise_conv_2d_params"
    lanes = 1

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def clips(self, node: Node) -> bool:
        return self.op(node).padding is not None

    def laid_out(self, lanes: np.ndarray) -> np.ndarray:
        return lanes.T.reshape(-1)

    def taken_apart(self, weights: np.ndarray, products: int) -> np.ndarray:
        return weights.reshape(products, -1).T

    def as_in_file(self, op: DepthwiseConv2D, taps: np.ndarray) -> np.ndarray:
        return taps.T.reshape(op.weights.shape)

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        op = self.op(node)
        windows = Windows.of(op.geometry, rows, columns)
        done = depthwise_work(windows, op.geometry.kernel[0], op.weights.shape[2], self.by_fours(op))
        return {"call": 1, "row": rows, **done}

    def by_fours(self, op: DepthwiseConv2D) -> int:
        """How many of its channels are computed four at once."""
        together = op.multiplier == 1 and op.geometry.input_shape[3] >= LANES
        return op.weights.shape[2] if together else 0

    def params(self, node: Node) -> Mapping[str, Field]:
        return self.pointers(node) | geometry_fields(self.op(node)) | self.scalars(node)


def geometry_fields(op: DepthwiseConv2D) -> dict[str, Field]:
    """Of the parameter struct, those for images and windows."""
    g = op.geometry
    fields: dict[str, Field] = dict(zip(("in_h", "in_w", "in_c"), g.input_shape[1:], strict=True))
    fields |= {"out_h": g.output_shape[1], "out_w": g.output_shape[2], "depth_multiplier": op.multiplier}
    fields |= {"kernel_h": g.kernel[0], "kernel_w": g.kernel[1], "stride_h": g.stride[0], "stride_w": g.stride[1]}
    return fields | {"dilation_h": g.dilation[0], "dilation_w": g.dilation[1], "pad_top": g.top, "pad_left": g.left}
