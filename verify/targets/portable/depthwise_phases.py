"""DEPTHWISE_CONV_2D of an image whose rows come in phases, by stj_depthwise_conv_2d_phases_s8."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from verify.graph.graph import Node
from verify.ops.depthwise_conv_2d import DepthwiseConv2D, DepthwisePhases
from verify.targets.call import Field
from verify.targets.kernel import Work
from verify.targets.portable.counted import Windows, depthwise_work
from verify.targets.portable.depthwise_conv_2d import LANES, geometry_fields
from verify.targets.portable.weights import PortableWeights

ROWS = 8
"""Rows of taps up to which it runs."""


class DepthwisePhasesKernel(PortableWeights[Any]):
    """Rows and regions. Weights are stored as the window is walked: the rows of taps of one phase after the other."""

    name = "stj_depthwise_conv_2d_phases_s8"
    operator = DepthwisePhases
    params_type = "stj_depthwise_conv_2d_params"
    lanes = 1

    def runs(self, node: Node) -> bool:
        if not isinstance(node.op, DepthwisePhases):
            return False
        g = node.op.whole.geometry
        return g.input_shape[3] >= LANES and g.kernel[0] <= ROWS and g.kernel[1] < 2**7

    def op(self, node: Node) -> DepthwiseConv2D:
        """The convolution over the whole image, whose weights, biases and scales these are."""
        assert isinstance(node.op, DepthwisePhases), f"{self.name} does not compute {node.label}"
        return node.op.whole

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def clips(self, node: Node) -> bool:
        return self.op(node).padding is not None

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        found = super().stored(node)
        return {**found, "weights": found["weights"].reshape(self._rows(node))[self._order(node)].reshape(-1)}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        weights = np.empty_like(arrays["weights"]).reshape(self._rows(node))
        weights[self._order(node)] = arrays["weights"].reshape(self._rows(node))
        return super().restored(node, {**arrays, "weights": weights.reshape(-1)})

    def laid_out(self, lanes: np.ndarray) -> np.ndarray:
        return lanes.T.reshape(-1)

    def taken_apart(self, weights: np.ndarray, products: int) -> np.ndarray:
        return weights.reshape(products, -1).T

    def as_in_file(self, op: DepthwiseConv2D, taps: np.ndarray) -> np.ndarray:
        return taps.T.reshape(op.weights.shape)

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        op = self.op(node)
        windows = Windows.of(op.geometry, rows, columns)
        done = depthwise_work(windows, op.geometry.kernel[0], op.weights.shape[2], op.weights.shape[2])
        by_fours = {kind: amount for kind, amount in done.items() if "single" not in kind}
        return {"call": 1, "row": rows, **by_fours}

    def params(self, node: Node) -> Mapping[str, Field]:
        return self.pointers(node) | geometry_fields(self.op(node)) | self.scalars(node)

    def _rows(self, node: Node) -> tuple[int, int]:
        """Rows of taps, and the weights of one."""
        weights = self.op(node).weights
        return len(weights), weights.size // len(weights)

    def _order(self, node: Node) -> list[int]:
        """The rows of taps as they are stored."""
        assert isinstance(node.op, DepthwisePhases), "op has looked"
        return [row for phase in range(node.op.phases) for row in node.op.taps_of(phase)]
