"""Channels one by one: what each can hold, and what an operator is without some of them.

A channel is a position along a tensor's last axis, in whatever shape a node sees the tensor: channel c of `[..., C]` is
every element whose place in memory is c modulo C. Seen with a last axis of k * C it stands at k positions there.

Intervals are exact, as in verify.ops.arithmetic: int64, nothing wraps here.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np

from verify.ops.arithmetic import Stored

Gone = Mapping[int, int | None]
"""Positions along a last axis that are left out, and the value that each holds; None where it holds several."""

Leaving = tuple[tuple[Set[int], ...], Set[int]]
"""Positions that can leave: of each operand, and of the result."""


@dataclass(frozen=True, eq=False)
class Channels:
    """Lowest and highest value of each channel of a tensor, int64."""

    low: np.ndarray
    high: np.ndarray

    @property
    def hull(self) -> Stored:
        return int(self.low.min()), int(self.high.max())

    @property
    def constant(self) -> dict[int, int]:
        """The channels that hold one value, and which."""
        return {int(c): int(self.low[c]) for c in np.flatnonzero(self.low == self.high)}

    def seen(self, last: int) -> "Channels":
        """The same elements under another last axis."""
        count = len(self.low)
        if last % count == 0:
            return Channels(np.tile(self.low, last // count), np.tile(self.high, last // count))
        if count % last == 0:
            return Channels(self.low.reshape(-1, last).min(axis=0), self.high.reshape(-1, last).max(axis=0))
        return alike(self.hull, last)

    def joined(self, value: int) -> "Channels":
        """What they can hold where some elements are `value` instead."""
        return Channels(np.minimum(self.low, value), np.maximum(self.high, value))


def alike(stored: Stored, count: int) -> Channels:
    """Channels of which no more is known than of their tensor."""
    return Channels(np.full(count, stored[0], np.int64), np.full(count, stored[1], np.int64))


def last_axis(shape: Sequence[int]) -> int:
    """How many channels a tensor of this shape has."""
    return shape[-1] if shape else 1


def fewer(shape: tuple[int, ...], gone: Iterable[int]) -> tuple[int, ...]:
    """The shape without these positions of its last axis."""
    return (*shape[:-1], shape[-1] - len(set(gone)))


def others(count: int, gone: Iterable[int]) -> np.ndarray:
    """The positions that stay, ascending."""
    return np.setdiff1d(np.arange(count), np.array(sorted(gone), np.int64))


def nothing(operands: Sequence[Gone]) -> Leaving:
    return tuple(set[int]() for _ in operands), set()


def together(operands: Sequence[Gone], results: Set[int]) -> Leaving:
    """Of an operator whose channel c is computed from its operands' channel c: what all of them can do without."""
    both = set(results).intersection(*operands)
    return tuple(both for _ in operands), both


def sums_of_channels(weights: np.ndarray, operand: Channels, zero_point: int, padded: bool) -> Channels:
    """Interval, per output channel, of the whole sum of (x - zero_point) * w.

    Args:
      weights: [channels, inputs, taps], any integer type.
      operand: of the inputs, one entry per input, or [channels, inputs] where outputs read inputs of their own.
      zero_point: of the input.
      padded: whether taps may lie in padding, where they add 0.
    """
    w = weights.astype(np.int64)
    positive, negative = np.maximum(w, 0).sum(axis=2), np.minimum(w, 0).sum(axis=2)
    down, up = operand.low - zero_point, operand.high - zero_point
    if padded:
        down, up = np.minimum(down, 0), np.maximum(up, 0)
    return Channels((positive * down + negative * up).sum(axis=1), (positive * up + negative * down).sum(axis=1))


def foldable(weights: np.ndarray, gone: Gone, zero_point: int, padded: bool) -> set[int]:
    """Inputs without which the sums stay what they are, but for a number that is the same at every position.

    Either no weight reads the input, or its value is known and adds the same everywhere. With padding that is so only
    for the zero point: taps in the padding add 0, the others the value's share.

    Args:
      weights: [channels, inputs, taps].
      gone: inputs and their values.
      zero_point: of the input.
      padded: whether taps may lie in padding.
    """
    read = np.any(weights != 0, axis=(0, 2))
    return {c for c, v in gone.items() if not read[c] or (v is not None and (v == zero_point or not padded))}


def folded(weights: np.ndarray, bias: np.ndarray | None, gone: Gone, zero_point: int) -> np.ndarray | None:
    """The bias with the share of inputs that are left out (all `foldable`), wrapped as accumulators wrap.

    Sums that wrap are equal modulo 2^32 before and after, so what is made of them is, too.
    """
    shares = np.zeros(len(weights), np.int64)
    for c, value in gone.items():
        if value is not None:
            shares += (value - zero_point) * weights[:, c].astype(np.int64).sum(axis=1)
    if not shares.any():
        return bias
    return (shares if bias is None else bias + shares).astype(np.int32)
