"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED by stj_..._nibbles_s8: weights from -8 to 7 take half a byte each.

They are no target's first choice: `--packed-weights` asks for them, and so does a flash budget that others miss.
"""

from typing import TypeVar

import numpy as np

from verify.graph.graph import Node
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.ops.weights import Weighted
from verify.targets.portable.conv_2d import Conv2DKernel
from verify.targets.portable.depthwise_conv_2d import LANES, DepthwiseConv2DKernel
from verify.targets.portable.fully_connected import FullyConnectedKernel
from verify.targets.portable.weights import PortableWeights

T = TypeVar("T", bound=Weighted)

LOWEST, HIGHEST = -8, 7


class Nibbles(PortableWeights[T]):
    """Weights in the order of the kernel that it is a variant of, two in a byte, the first in the lower half."""

    packed = True

    def runs(self, node: Node) -> bool:
        op = node.op
        fits = isinstance(op, Weighted) and int(op.weights.min()) >= LOWEST and int(op.weights.max()) <= HIGHEST
        return fits and super().runs(node)

    def laid_out(self, lanes: np.ndarray) -> np.ndarray:
        halves = super().laid_out(lanes) & 15
        return halves[::2] | halves[1::2] << 4

    def taken_apart(self, weights: np.ndarray, products: int) -> np.ndarray:
        halves = np.stack([weights << 4, weights], -1).reshape(-1) >> 4  # of int8, so that signs are extended
        return super().taken_apart(halves, products)


class Conv2DNibbles(Nibbles, Conv2DKernel):
    """Blocks of four channels, of which the weights of an input take two bytes."""

    name = "stj_conv_2d_nibbles_s8"


class DepthwiseNibbles(Nibbles, DepthwiseConv2DKernel):
    """A tap's channels side by side, in whole bytes; of an odd number of channels one more is stored."""

    name = "stj_depthwise_conv_2d_nibbles_s8"
    lanes = 2

    def by_fours(self, op: DepthwiseConv2D) -> int:
        return super().by_fours(op) // LANES * LANES


class FullyConnectedNibbles(Nibbles, FullyConnectedKernel):
    """Blocks of four outputs, of which the weights of an input take two bytes."""

    name = "stj_fully_connected_nibbles_s8"
