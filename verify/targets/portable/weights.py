"""The arrays and fields that convolutions and fully connected layers have in common.

Channels come in lanes: blocks of channels that a kernel computes at once, the last block of each group filled up by
channels of zeros. Weights are stored in the order of the kernel's loop; beside them one or two biases per lane:

  whole_bias  for inputs as stored, all taps of a window on the image: less zero point times the sum of the weights
  bias        for inputs less their zero point, where not all are; absent where no window is clipped

Kernels add modulo 2^32, and so is `whole_bias`: no partial sum has to fit int32, only the operator's own accumulator.
"""

from collections.abc import Mapping, Set
from typing import TypeVar

import numpy as np

from verify.graph.graph import Node
from verify.ops.requantize import INT32_MIN
from verify.ops.weights import Weighted
from verify.targets.call import Field
from verify.targets.portable.base import Portable

T = TypeVar("T", bound=Weighted)

ARRAYS = ("weights", "bias", "whole_bias", "multiplier", "shift")

FAST_SHIFTS = (-23, -2)
"""Shifts that stj_rescaled takes, with multipliers that are not negative: its addends then fit int32."""

OTHER_SHIFTS = 64
"""Such a shift s is stored as -1 - s, any other one as s - 64 (stj_rescale.h)."""

LOST = INT32_MIN
"""What `restored` answers for the shift of a channel whose arrays do not belong together."""


class PortableWeights(Portable[T]):
    """Kernels that take weights and biases as above, multipliers and shifts as stj_rescale.h wants them.

    `lanes` is how many there are in a block.
    """

    lanes = 4

    def clips(self, node: Node) -> bool:
        """Whether a window may have taps that are not on the image."""
        return False

    def groups(self, node: Node) -> int:
        """Parts of the channels that have blocks of their own."""
        return 1

    def laid_out(self, lanes: np.ndarray) -> np.ndarray:
        """Weights in the loop's order, from [lanes, products of one output]: block by block, the lanes innermost."""
        return lanes.reshape(-1, self.lanes, lanes.shape[1]).swapaxes(1, 2).reshape(-1)

    def taken_apart(self, weights: np.ndarray, products: int) -> np.ndarray:
        """The inverse of `laid_out`."""
        return weights.reshape(-1, products, self.lanes).swapaxes(1, 2).reshape(-1, products)

    def as_in_file(self, op: T, taps: np.ndarray) -> np.ndarray:
        """The operator's weights from its `taps`, [channels, products of one output]."""
        return taps.reshape(op.weights.shape)

    def stored(self, node: Node) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        bias = np.zeros(len(op.taps), np.int32) if op.bias is None else op.bias
        found = {"weights": op.taps, "bias": bias, "whole_bias": bias - _of_zero_point(op, op.taps)}
        multiplier, shift = (np.broadcast_to(x, bias.shape) for x in (op.rescale.multiplier, op.rescale.shift))
        found |= {"multiplier": multiplier, "shift": stored_shift(multiplier, shift)}
        lanes = {name: self._filled(node, values) for name, values in found.items()}
        lanes["weights"] = self.laid_out(lanes["weights"])
        return {name: lanes[name] for name in ARRAYS if name in self.names(node)}

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        op = self.op(node)
        own, channels = op.constants, len(op.taps)
        if arrays.keys() != self.names(node):
            return {}
        lanes = {**arrays, "weights": self.taken_apart(arrays["weights"], op.taps.shape[1])}
        there = self._filled(node, np.ones(channels, np.int8)) == 1
        found = {name: values[there] for name, values in lanes.items()}
        of_zero_point = _of_zero_point(op, found["weights"])
        bias = found["bias"] if "bias" in found else found["whole_bias"] + of_zero_point
        shift = np.where(found["shift"] > 0, -1 - found["shift"], found["shift"].astype(np.int32) + OTHER_SHIFTS)
        # What the numbers found give must be what was read, zeros of the lanes that fill up blocks included.
        right = (bias - of_zero_point == found.get("whole_bias", bias - of_zero_point)) & (
            (bias == 0) | (op.bias is not None)
        )
        right &= stored_shift(found["multiplier"], shift) == found["shift"]
        right &= not any(values[~there].any() for values in lanes.values())
        entries = own["multiplier"].size
        if entries < channels:
            right[:] = (
                right.all() and (found["multiplier"] == found["multiplier"][0]).all() and (shift == shift[0]).all()
            )
        exact = {"weights": self.as_in_file(op, found["weights"]), "bias": bias}
        exact |= {"multiplier": found["multiplier"][:entries], "shift": np.where(right, shift, LOST)[:entries]}
        return {name: exact[name].astype(values.dtype).reshape(values.shape) for name, values in own.items()}

    def pointers(self, node: Node) -> dict[str, Field]:
        """The five fields that point to arrays; `bias` is null where no window is clipped."""
        names = self.names(node)
        return {name: name if name in names else None for name in ARRAYS}

    def scalars(self, node: Node) -> dict[str, Field]:
        """Fields for zero points and the output's range."""
        op = self.op(node)
        return {
            "in_zero_point": op.input_zero_point,
            "out_zero_point": op.rescale.zero_point,
            "out_min": op.rescale.low,
            "out_max": op.rescale.high,
        }

    def names(self, node: Node) -> Set[str]:
        """Of the arrays that are stored."""
        return set(ARRAYS) - (set() if self.clips(node) else {"bias"})

    def _filled(self, node: Node, channels: np.ndarray) -> np.ndarray:
        """Lanes from channels: the blocks of each group filled up by zeros."""
        groups = channels.reshape(self.groups(node), -1, *channels.shape[1:])
        fill = [(0, 0), (0, -groups.shape[1] % self.lanes), *[(0, 0)] * (channels.ndim - 1)]
        return np.pad(groups, fill).reshape(-1, *channels.shape[1:])


def _of_zero_point(op: Weighted, taps: np.ndarray) -> np.ndarray:
    """What the input's zero point adds to each channel, modulo 2^32."""
    return (op.input_zero_point * taps.astype(np.int64).sum(axis=1)).astype(np.int32)


def stored_shift(multiplier: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Shifts as stj_rescale.h has them."""
    fast = (multiplier >= 0) & (shift >= FAST_SHIFTS[0]) & (shift <= FAST_SHIFTS[1])
    return np.where(fast, -1 - shift, shift - OTHER_SHIFTS).astype(np.int8)
