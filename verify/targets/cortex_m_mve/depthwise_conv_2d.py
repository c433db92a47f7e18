"""DEPTHWISE_CONV_2D for Helium: interleaved taps as dot products."""

from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.ops.geometry import ImageWindow
from verify.targets.call import Field
from verify.targets.cortex_m_mve import depthwise_conv_2d_narrow as narrow
from verify.targets.cortex_m_mve.gathered import DEEP, GatheredMve, InGroups
from verify.targets.cortex_m_mve.products import LANES
from verify.targets.cortex_m_mve.weighted import window_fields
from verify.targets.kernel import Work

ROWS = 4
"""Of a word of taps."""
PLANE_BYTES = LANES * ROWS
"""Of one column of working memory: sixteen channels of four rows."""
MOST_PLANES = 2
"""Of four rows of taps; the kernel's own limit."""
NARROW = narrow.DepthwiseConv2DNarrowMve()


class DepthwiseConv2DMve(InGroups[DepthwiseConv2D]):
    """One output channel per input channel, without dilation along width, at most 8 rows of taps; not where
    stj_depthwise_conv_2d_narrow_s8_mve takes fewer instructions."""

    name = "stj_depthwise_conv_2d_s8_mve"
    operator = DepthwiseConv2D
    params_type = "stj_depthwise_conv_2d_mve_params"

    def runs(self, node: Node) -> bool:
        op = node.op
        if not isinstance(op, DepthwiseConv2D) or op.multiplier != 1 or op.geometry.dilation[1] != 1:
            return False
        if _planes(op.geometry) > MOST_PLANES or not self.exact(node):
            return False
        own = row_instructions(op.geometry, DepthwiseConv2DMve().group(op.geometry))
        return own < narrow.row_instructions(op.geometry) or not NARROW.runs(node)

    def columns_bytes(self, g: ImageWindow, pixels: int) -> int:
        """With what the last block of a window may read behind its last column."""
        words = g.kernel[1] * _planes(g)
        columns = (pixels - 1) * g.stride[1] + g.kernel[1]
        return PLANE_BYTES * (columns * _planes(g) + -words % 4)

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        g = self.op(node).geometry
        return {"call": 1, "run": rows, "estimated": rows * row_instructions(g, self.group(g), columns)}

    def together(self, depth: int) -> int:
        return 1

    def vectors(self, op: DepthwiseConv2D, weights: np.ndarray) -> np.ndarray:
        height, width, channels = weights.shape
        words = np.zeros((channels, width, _planes(op.geometry) * ROWS), np.int8)
        words[:, :, :height] = weights.transpose(2, 1, 0)
        return words.reshape(channels, -1)

    def from_vectors(self, op: DepthwiseConv2D, vectors: np.ndarray) -> np.ndarray:
        height, width, channels = op.weights.shape
        return vectors.reshape(channels, width, -1)[:, :, :height].transpose(2, 1, 0)

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        fields: dict[str, Field] = {"weights": "weights"} | window_fields(op.geometry)
        del fields["out_c"]
        fields |= {"in_zero_point": op.input_zero_point} | self.output_fields(op.rescale)
        return fields | {"group": self.group(op.geometry)}


class DepthwiseConv2DOneMve(GatheredMve[DepthwiseConv2D]):
    """One input channel and any number of output channels, without dilation along width: a convolution."""

    name = "stj_depthwise_conv_2d_one_s8_mve"
    operator = DepthwiseConv2D

    def runs(self, node: Node) -> bool:
        op = node.op
        return (
            isinstance(op, DepthwiseConv2D)
            and op.multiplier > 1
            and op.geometry.input_shape[3] == 1
            and op.geometry.dilation[1] == 1
            and self.exact(node)
        )

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        done = super().work(node, rows, columns)
        return {kind: amount for kind, amount in done.items() if kind not in DEEP}

    def vectors(self, op: DepthwiseConv2D, weights: np.ndarray) -> np.ndarray:
        return weights.transpose(2, 1, 0).reshape(weights.shape[2], -1)

    def from_vectors(self, op: DepthwiseConv2D, vectors: np.ndarray) -> np.ndarray:
        height, width, channels = op.weights.shape
        return vectors.reshape(channels, width, height).transpose(2, 1, 0)


def _planes(g: ImageWindow) -> int:
    """Words that the rows of a kernel take."""
    return -(-g.kernel[0] // ROWS)


def row_instructions(g: ImageWindow, group: int, columns: int | None = None) -> int:
    """About how many instructions a row of output (or so many columns of it) takes, by `group` pixels at once: within
    7 % of what was counted for rows of 3 to 48 pixels.

    Per chunk of channels and column: loads, stores and steps. Per four pixels and four channels: each block of taps of
    a channel is a load of weights, four gather loads and four products.
    """
    planes, width = _planes(g), g.output_shape[2] if columns is None else columns
    chunks, groups = -(-g.input_shape[3] // LANES), -(-width // group)
    blocks = -(-g.kernel[1] * planes // 4)
    quad = 82 if blocks == 1 else 4 * (11 * blocks + 7) + 18
    there = (width - 1) * g.stride[1] + g.kernel[1]
    multiplied = -(-width // 4) * min(4, -(-g.input_shape[3] // 4)) * quad
    return chunks * (130 + groups * (180 + 70 * planes) + there * (5 * planes + 2 * g.kernel[0] + 2) + multiplied)
