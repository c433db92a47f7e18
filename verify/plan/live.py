"""Which positions of a tensor are live during one stage: written or arrived, and read next. For verify.plan.bound.

Along an axis, ticks are numbered from 0; "never" is -1 for a last time and the number of ticks for a first one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from verify.graph.window import Window
from verify.ops.regions import Region

CELLS = 1 << 20
"""Ticks times positions that are looked at together."""

MOST_READERS = 28
"""Of one tensor; each takes two bits of a class. Others are left out: the bound is lower then, and still true."""

BEFORE, NOW = 1, 2


@dataclass(frozen=True)
class Writes:
    """When positions along an axis are written: the tick of each one (the last, by demand), and regions per tick."""

    at: np.ndarray
    regions: Region
    demand: bool = False


@dataclass(frozen=True)
class Reads:
    """When positions along an axis are read by one operator: by regions of its own, through a window (None: all).

    `last` is the last tick that reads each position; an operator of a later stage has the number of ticks there.
    """

    last: np.ndarray
    regions: Region | None = None
    window: Window | None = None

    def during(self, ticks: np.ndarray) -> np.ndarray:
        """Shape [ticks, positions]: whether the position is read at the tick."""
        if self.regions is None:
            return np.zeros((len(ticks), len(self.last)), bool)
        return read_by(self.regions[ticks], self.window, len(self.last))


@dataclass(frozen=True)
class Use:
    """One reader of a tensor: its slot among the feeds and firings of the stage, and when it reads along both loops."""

    slot: int
    outer: Reads
    inner: Reads


@dataclass(frozen=True)
class Tensor:
    """A tensor in a stage. `slot` is the writer's; None: it was written before the stage, as were all its positions."""

    slot: int | None
    outer: Writes
    inner: Writes
    uses: Sequence[Use]

    def classes(self, ticks: np.ndarray, slots: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """(live outer positions per tick of `ticks`, live inner positions per boundary of such a tick), class by class.

        A class of outer positions, at a tick: written before it or in it, who reads it in it, and who does later.
        Boundary b follows slot b % slots of inner tick b // slots.
        """
        total = len(self.outer.at)
        found: dict[int, np.ndarray] = {}
        block = max(1, CELLS // max(1, total))
        for first in range(0, len(ticks), block):
            place = slice(first, first + block)
            codes = self._codes(ticks[place])
            for code in np.unique(codes[(codes & 3 > 0) & (codes >> 2 > 0)]):
                found.setdefault(int(code), np.zeros(len(ticks), np.int64))[place] = (codes == code).sum(axis=1)
        for code, count in found.items():
            yield count, self._profile(code, slots)

    def _codes(self, tick: np.ndarray) -> np.ndarray:
        """Shape [ticks, positions]: two bits for when it was written, one per reader now, one per reader later."""
        column = tick[:, None]
        if self.slot is None:
            codes = np.full((len(tick), len(self.outer.at)), BEFORE, np.int64)
        elif self.outer.demand:  # computed anew at every tick that needs it
            first, last = (self.outer.regions[tick, k][:, None] for k in (0, 1))
            place = np.arange(len(self.outer.at))
            codes = np.where((first <= place) & (place < last), NOW, 0)
        else:
            codes = np.where(self.outer.at < column, BEFORE, 0) + np.where(self.outer.at == column, NOW, 0)
        for bit, use in enumerate(self.uses, 2):
            codes = codes | use.outer.during(tick).astype(np.int64) << bit
            if not self.outer.demand:
                codes = codes | (use.outer.last > column).astype(np.int64) << (bit + len(self.uses))
        return codes

    def _profile(self, code: int, slots: int) -> np.ndarray:
        """Live inner positions of such an outer position, at each boundary of the tick."""
        now = [use for bit, use in enumerate(self.uses, 2) if code >> bit & 1]
        later = [use for bit, use in enumerate(self.uses, 2 + len(self.uses)) if code >> bit & 1]
        ticks, end = len(self.inner.regions), len(self.inner.regions) * slots
        stays = _any((use.inner.last >= 0 for use in later), len(self.inner.at))
        edges = np.zeros(end + 1, np.int64)
        if code & 3 == NOW and self.inner.demand:
            assert self.slot is not None, "what follows demand is computed in this stage"
            for tick in range(ticks):
                place = np.arange(*np.clip(self.inner.regions[tick], 0, len(stays)))
                reads = [(use, use.inner.during(np.array([tick]))[0, place]) for use in now]
                stop = _most(((here, tick * slots + use.slot) for use, here in reads), len(place))
                stop = np.where(stays[place] & (self.inner.at[place] == tick), end, stop)
                _add(edges, np.full(len(place), tick * slots + self.slot), stop)
        else:
            stop = _most(((use.inner.last >= 0, use.inner.last * slots + use.slot) for use in now), len(stays))
            start = self.inner.at * slots + (self.slot or 0) if code & 3 == NOW else np.zeros_like(stop)
            _add(edges, start, np.where(stays, end, stop))
        return np.cumsum(edges)[:-1]


def writes(regions: Region, total: int, demand: bool = False) -> Writes:
    """Of an operator with these regions per tick, of so many positions."""
    at = _last_tick(regions, total)
    return Writes(np.where(at < 0, len(regions), at), regions, demand)


def reads(regions: Region, window: Window | None, total: int, outputs: int) -> Reads:
    """Of an operator with so many output positions and these regions per tick, of a tensor of `total` positions."""
    if window is None:
        busy = np.flatnonzero(regions[:, 0] < regions[:, 1])
        return Reads(np.full(total, busy[-1] if len(busy) else -1), regions)
    computed, last = _last_tick(regions, outputs), np.full(total, -1)
    for first, end in readers(window, total):
        for step in range(int((end - first).max(initial=0))):
            output = first + step
            reads_it = (output >= 0) & (output < np.minimum(end, outputs))
            last = np.maximum(last, np.where(reads_it, computed[np.clip(output, 0, outputs - 1)], -1))
    return Reads(last, regions, window)


def read_by(regions: Region, window: Window | None, total: int) -> np.ndarray:
    """Shape [regions, total]: whether computing a region of outputs reads a position of the operand."""
    low, high = regions[:, 0, None], regions[:, 1, None]
    if window is None:
        return np.tile(low < high, (1, total))
    spans = readers(window, total)
    return _any((np.maximum(low, first) < np.minimum(high, end) for first, end in spans), (len(regions), total))


def readers(window: Window, total: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Outputs [first, end) that read each position, tap by tap; in one piece where the taps lie side by side."""
    place = np.arange(total)
    taps = [(0, window.kernel - 1)] if window.dilation == 1 else [(j, j) for j in range(window.kernel)]
    for low, high in taps:
        # start(o) <= v means o * stride - pad_before < upsample * (v + 1); v < end(o) is `first`, phases included.
        first = (place - high * window.dilation) * window.upsample + window.pad_before + window.short
        end = (place - low * window.dilation + 1) * window.upsample + window.pad_before
        yield -(-first // window.stride), -(-end // window.stride)


def _last_tick(regions: Region, total: int) -> np.ndarray:
    """The last tick whose region has the position."""
    found = np.full(total, -1)
    for tick, (first, last) in enumerate(regions.tolist()):
        if first < last:
            found[max(0, first) : last] = tick
    return found


def _any(masks: Iterable[np.ndarray], shape: int | tuple[int, int]) -> np.ndarray:
    found = np.zeros(shape, bool)
    for mask in masks:
        found |= mask
    return found


def _most(times: Iterable[tuple[np.ndarray, np.ndarray | int]], count: int) -> np.ndarray:
    """The latest of the times that apply; 0 where none does."""
    found = np.zeros(count, np.int64)
    for applies, time in times:
        found = np.maximum(found, np.where(applies, time, 0))
    return found


def _add(edges: np.ndarray, start: np.ndarray, stop: np.ndarray) -> None:
    """Counts one position more at boundaries [start, stop) of each pair."""
    some = stop > start
    np.add.at(edges, start[some], 1)
    np.add.at(edges, stop[some], -1)
