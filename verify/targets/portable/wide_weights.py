"""Arrays of the kernels for int16 activations with int8 weights (stj_s16.h): one bias of 64 bits per lane, as words.

Channels come in lanes as verify.targets.portable.weights has them; as all zero points are 0, there is one bias.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np

from verify.graph.graph import Node
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.wide.weighted import WideWeighted
from verify.targets.call import Field
from verify.targets.portable.base import Portable

T = TypeVar("T", bound=WideWeighted)

CHUNK = 256
"""Products that stj_dot_s16 adds in 32 bits."""


class WideWeights(Portable[T]):
    """Kernels that take weights in lanes, biases as pairs of words, multipliers of 15 bits. `lanes` per block."""

    lanes = 4

    def groups(self, node: Node) -> int:
        """Parts of the channels that have blocks of their own."""
        return 1

    def intermediates(self, node: Node, stored: Sequence[Stored]) -> tuple[Intermediate, ...]:
        if self.lanes == 1:
            return ()
        most = 2**15 * 2**7 * CHUNK
        return (intermediate(f"sum of {CHUNK} products, in 32 bits", -most, most),)

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
        found = {"weights": self.laid_out(self._filled(node, op.taps))}
        if op.bias is not None:
            found["bias"] = self._filled(node, op.bias.astype("<i8")).view("<i4")
        return found | {
            "multiplier": self._filled(node, op.rescale.multiplier),
            "shift": self._filled(node, op.rescale.shift),
        }

    def restored(self, node: Node, arrays: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """What lanes that fill up blocks hold must be zeros, or nothing is had back."""
        op = self.op(node)
        if arrays.keys() != op.constants.keys():
            return {}
        lanes = {**arrays, "weights": self.taken_apart(arrays["weights"], op.taps.shape[1])}
        if "bias" in lanes:
            lanes["bias"] = np.ascontiguousarray(lanes["bias"]).view("<i8")
        there = self._filled(node, np.ones(len(op.taps), np.int8)) == 1
        if any(values[~there].any() for values in lanes.values()):
            return {}
        found = {name: values[there] for name, values in lanes.items()}
        return {**found, "weights": self.as_in_file(op, found["weights"])}

    def pointers(self, node: Node) -> dict[str, Field]:
        """The fields that point to arrays; `bias` is null where there is none."""
        names = self.op(node).constants
        return {name: name if name in names else None for name in ("weights", "bias", "multiplier", "shift")}

    def scalars(self, node: Node) -> dict[str, Field]:
        """Fields for the output's range."""
        op = self.op(node)
        return {"out_min": op.rescale.low, "out_max": op.rescale.high}

    def _filled(self, node: Node, channels: np.ndarray) -> np.ndarray:
        """Lanes from channels: the blocks of each group filled up by zeros."""
        groups = channels.reshape(self.groups(node), -1, *channels.shape[1:])
        fill = [(0, 0), (0, -groups.shape[1] % self.lanes), *[(0, 0)] * (channels.ndim - 1)]
        return np.pad(groups, fill).reshape(-1, *channels.shape[1:])
