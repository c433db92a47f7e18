"""CONV_2D for Helium: single pixels where they lie, windows through working memory."""

from collections.abc import Mapping

import numpy as np

from verify.graph.graph import Node
from verify.ops.conv_2d import Conv2D
from verify.targets.call import Field
from verify.targets.cortex_m_mve.gathered import GatheredMve
from verify.targets.cortex_m_mve.weighted import WeightedMve, product_work
from verify.targets.kernel import Work

COPIES = 4
"""Pixels that are computed at once."""


class Conv2D1x1Mve(WeightedMve[Conv2D]):
    """1 x 1 without padding or groups, any stride."""

    name = "stj_conv_2d_1x1_s8_mve"
    operator = Conv2D
    params_type = "stj_conv_2d_1x1_mve_params"

    def runs(self, node: Node) -> bool:
        op = node.op
        simple = isinstance(op, Conv2D) and op.groups == 1 and op.geometry.kernel == (1, 1) and op.padding is None
        return simple and self.exact(node)

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def in_place(self, node: Node) -> frozenset[int]:
        """Pixels of as many results as inputs: copied before results are written over them."""
        g = self.op(node).geometry
        return frozenset({0} if g.stride == (1, 1) and g.input_shape == g.output_shape else ())

    def scratch_bytes(self, node: Node) -> int:
        return COPIES * self.op(node).geometry.input_shape[3] if self.in_place(node) else 0

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        g = self.op(node).geometry
        width = g.output_shape[2] if columns is None else columns
        long = columns is None and g.stride == (1, 1)
        return product_work(1 if long else rows, rows * width if long else width, g.output_shape[3], g.input_shape[3])

    def vectors(self, op: Conv2D, weights: np.ndarray) -> np.ndarray:
        return weights.reshape(len(weights), -1)

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        g = op.geometry
        fields: dict[str, Field] = {"weights": "weights"}
        fields |= dict(zip(("in_h", "in_w", "in_c"), g.input_shape[1:], strict=True))
        fields |= dict(zip(("out_h", "out_w", "out_c"), g.output_shape[1:], strict=True))
        return fields | {"stride_h": g.stride[0], "stride_w": g.stride[1]} | self.output_fields(op.rescale)


class Conv2DMve(GatheredMve[Conv2D]):
    """Any window without groups and without dilation along width."""

    name = "stj_conv_2d_s8_mve"
    operator = Conv2D

    def runs(self, node: Node) -> bool:
        op = node.op
        return isinstance(op, Conv2D) and op.groups == 1 and op.geometry.dilation[1] == 1 and self.exact(node)

    def vectors(self, op: Conv2D, weights: np.ndarray) -> np.ndarray:
        return weights.transpose(0, 2, 1, 3).reshape(len(weights), -1)

    def from_vectors(self, op: Conv2D, vectors: np.ndarray) -> np.ndarray:
        channels, height, width, depth = op.weights.shape
        return vectors.reshape(channels, width, height, depth).transpose(0, 2, 1, 3)
