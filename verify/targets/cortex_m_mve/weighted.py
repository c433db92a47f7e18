"""What Helium's kernels with weights have in common: dot products of vectors, laid out for stj_mve_products.h."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.conv_2d import Conv2D
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.ops.fully_connected import FullyConnected
from verify.ops.geometry import ImageWindow
from verify.ops.weights import Rescale
from verify.targets.call import Field
from verify.targets.cortex_m_mve.products import LANES, Products, restored_products, sharing, stored_words
from verify.targets.cortex_m_mve.rescaling import (
    accumulator,
    folded_bias,
    holds,
    lane_shifts,
    per_channel,
    restored_shifts,
    shifts_fit,
    takes_halves,
    unfolded_bias,
)
from verify.targets.portable.base import Portable

T = TypeVar("T", Conv2D, DepthwiseConv2D, FullyConnected)

INT8: Stored = (-128, 127)
MOST_SCRATCH_BYTES = 1024
"""Up to here, more pixels are gathered at once; fewer than four never are."""


class WeightedMve(Portable[T]):
    """Kernels that multiply contiguous vectors of inputs."""

    features = frozenset({"mve"})

    @abstractmethod
    def vectors(self, op: T, weights: np.ndarray) -> np.ndarray:
        """Weights in the operator's order as [channels, inputs] in the kernel's."""

    def from_vectors(self, op: T, vectors: np.ndarray) -> np.ndarray:
        """The inverse of `vectors`."""
        return vectors.reshape(op.weights.shape)

    def together(self, depth: int) -> int:
        """Channels whose blocks of weights alternate."""
        return sharing(depth)

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        op = self.op(node)
        vectors = self.vectors(op, op.weights)
        return accumulator(vectors, op.bias, op.input_zero_point, per_channel(op.rescale, len(vectors)), stored[0])

    def exact(self, node: Node) -> bool:
        """Whether it computes a node exactly for all int8 inputs."""
        return shifts_fit(self.op(node).rescale) and holds(self.intermediates(node, [INT8]))

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        vectors = self.vectors(op, op.weights)
        scale = per_channel(op.rescale, len(vectors))
        bias = folded_bias(vectors, op.bias, op.input_zero_point)
        products = Products(vectors, bias, scale.multiplier, lane_shifts(scale))
        return {"weights": stored_words(products, self.together(vectors.shape[1]))}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        channels, depth = self.vectors(op, op.weights).shape
        scale, entries = per_channel(op.rescale, channels), len(op.rescale.multiplier)
        found = restored_products(arrays["weights"], channels, depth, self.together(depth))
        own = {
            "weights": self.from_vectors(op, found.weights),
            "bias": unfolded_bias(found.weights, found.bias, op.input_zero_point),
            "multiplier": found.multiplier[:entries],
            "shift": restored_shifts(found.shift, scale)[:entries],
        }
        return {name: own[name] for name in op.constants}

    def output_fields(self, rescale: Rescale) -> dict[str, Field]:
        fields: dict[str, Field] = {"out_zero_point": rescale.zero_point}
        return fields | {"out_min": rescale.low, "out_max": rescale.high, "halves": int(takes_halves(rescale))}


def product_work(runs: int, pixels: int, channels: int, depth: int) -> dict[str, float]:
    """What stj_mve_products.h has to do for `runs` of so many pixels each: fours and single ones, quads and blocks.

    Counted at -O2, without and with halves: a four 129, and of it a quad of one block 55 and 59, of more blocks 42 and
    48 and 32.4 for each block; a pixel by itself about 150, its quad 27 and 30 and 10 for each block.
    """
    single, quads, blocks = (pixels % 4) % 3, -(-channels // 4), -(-depth // LANES)
    fours, one = pixels // 4 + (pixels % 4 == 3), blocks == 1
    done: dict[str, float] = {"call": 1, "run": runs, "four": runs * fours, "pixel": runs * single}
    for by, times in (("four", runs * fours * quads), ("one", runs * single * quads)):
        done |= {f"quad by {by}, one block": times * one, f"quad by {by}, blocks": times * (not one)}
        done[f"block by {by}"] = times * blocks * (not one)
    return done


def window_fields(g: ImageWindow) -> dict[str, Field]:
    """The geometry of stj_conv_2d_mve_params."""
    fields: dict[str, Field] = dict(zip(("in_h", "in_w", "in_c"), g.input_shape[1:], strict=True))
    fields |= dict(zip(("out_h", "out_w", "out_c"), g.output_shape[1:], strict=True))
    fields |= {"kernel_h": g.kernel[0], "kernel_w": g.kernel[1], "stride_h": g.stride[0], "stride_w": g.stride[1]}
    return fields | {"dilation_h": g.dilation[0], "pad_top": g.top, "pad_left": g.left}
