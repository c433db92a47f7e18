"""DEPTHWISE_CONV_2D for Helium on narrow images, and with several results of a channel: sixteen at a time."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.ops.geometry import ImageWindow
from verify.targets.call import Field
from verify.targets.cortex_m_mve.products import LANES
from verify.targets.cortex_m_mve.rescaling import folded_bias, lane_shifts, restored_shifts, unfolded_bias
from verify.targets.cortex_m_mve.weighted import WeightedMve, window_fields
from verify.targets.kernel import Work

INT16: Stored = (-(2**15), 2**15 - 1)
TAP_BYTES = 12
"""Of working memory, for each tap."""
ORDER = np.arange(LANES).reshape(4, 4).T.reshape(-1)
"""Channels in the order in which their sums come: 0 4 8 12, 1 5 9 13, ..."""


MOST_MULTIPLIER = 17
"""Sixteen results so far from each other have places that fit in a byte."""


class DepthwiseConv2DNarrowMve(WeightedMve[DepthwiseConv2D]):
    """Any window."""

    name = "stj_depthwise_conv_2d_narrow_s8_mve"
    operator = DepthwiseConv2D
    params_type = "stj_depthwise_conv_2d_narrow_mve_params"

    def runs(self, node: Node) -> bool:
        return isinstance(node.op, DepthwiseConv2D) and node.op.multiplier <= MOST_MULTIPLIER and self.exact(node)

    def tiles(self, node: Node) -> bool:
        return node.op.tile_wise

    def scratch_bytes(self, node: Node) -> int:
        op = self.op(node)
        channels = op.geometry.input_shape[3]
        taps = math.prod(op.geometry.kernel)
        return TAP_BYTES * (-(-taps // 4) * 4) + -(-channels // LANES) * LANES

    def work(self, node: Node, rows: int, columns: int | None) -> Work:
        op = self.op(node)
        return {"call": 1, "run": rows, "estimated": rows * row_instructions(op.geometry, columns, op.multiplier)}

    def vectors(self, op: DepthwiseConv2D, weights: np.ndarray) -> np.ndarray:
        taps = weights.reshape(-1, weights.shape[2])
        return np.pad(taps, ((0, len(taps) % 2), (0, 0))).T

    def from_vectors(self, op: DepthwiseConv2D, vectors: np.ndarray) -> np.ndarray:
        height, width, channels = op.weights.shape
        return vectors[:, : height * width].T.reshape(height, width, channels)

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """Also the products of two taps, which are added up in 16 bits, of all channels."""
        op = self.op(node)
        weights = self.vectors(op, op.weights).astype(np.int64)
        ends = np.stack([weights * end for end in stored[0]])
        low, high = (end.reshape(len(weights), -1, 2).sum(axis=2) for end in (ends.min(axis=0), ends.max(axis=0)))
        pairs = intermediate("products of two taps", low.min(axis=1), high.max(axis=1), INT16)
        return (*super().intermediates(node, stored), pairs)

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        vectors = self.vectors(op, op.weights)
        places, chunks = _places(op)
        weights = np.zeros((chunks * LANES, vectors.shape[1]), np.int8)
        weights[places] = vectors
        bias = folded_bias(vectors, op.bias, op.input_zero_point)
        parameters = np.zeros((3, chunks * LANES), np.int32)
        parameters[:, places] = bias, op.rescale.multiplier, lane_shifts(op.rescale)
        taps = np.ascontiguousarray(weights.reshape(chunks, LANES, -1).transpose(0, 2, 1)).view("<i4")
        own = parameters.reshape(3, chunks, LANES)[:, :, ORDER].transpose(1, 0, 2)
        words = np.concatenate([taps.reshape(chunks, -1), own.reshape(chunks, -1)], axis=1)
        return {"weights": words.reshape(-1).astype(np.int32)}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        taps = self.vectors(op, op.weights).shape[1]
        places, chunks = _places(op)
        words = arrays["weights"].reshape(chunks, -1)
        split = taps * LANES // 4
        weights = np.ascontiguousarray(words[:, :split], "<i4").view(np.int8).reshape(chunks, taps, LANES)
        vectors = weights.transpose(0, 2, 1).reshape(-1, taps)[places]
        own = words[:, split:].reshape(chunks, 3, LANES)[:, :, np.argsort(ORDER)].transpose(1, 0, 2)
        bias, multiplier, shift = own.reshape(3, -1)[:, places]
        found = {
            "weights": self.from_vectors(op, vectors),
            "bias": unfolded_bias(vectors, bias, op.input_zero_point),
            "multiplier": multiplier,
            "shift": restored_shifts(shift, op.rescale),
        }
        return {name: found[name] for name in op.constants}

    def params(self, node: Node) -> Mapping[str, Field]:
        op = self.op(node)
        fields: dict[str, Field] = {"weights": "weights"} | window_fields(op.geometry)
        del fields["out_c"]
        fields |= {
            "dilation_w": op.geometry.dilation[1],
            "multiplier": op.multiplier,
            "in_zero_point": op.input_zero_point,
        }
        return fields | self.output_fields(op.rescale)


def _places(op: DepthwiseConv2D) -> tuple[np.ndarray, int]:
    """Where the kernel has each channel, by which of an input's results it is; and into how many times sixteen."""
    chunks, channel = -(-op.geometry.input_shape[3] // LANES), np.arange(op.weights.shape[2])
    return channel % op.multiplier * (chunks * LANES) + channel // op.multiplier, chunks * op.multiplier


def row_instructions(g: ImageWindow, columns: int | None = None, multiplier: int = 1) -> int:
    """About how many instructions a row of output (or so many columns of it) takes, within 5 % of what was counted for
    rows of 3 to 40 pixels and 48 channels or more."""
    width = g.output_shape[2] if columns is None else columns
    taps, chunks = math.prod(g.kernel), -(-g.input_shape[3] // LANES)
    by_results = multiplier * (chunks * (22 * -(-taps // 2) + 45) + 20 + 2 * taps)
    return width * (by_results + 90 + taps + 12 * g.kernel[0])
