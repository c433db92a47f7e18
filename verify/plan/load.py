"""How many bytes are alive while a stage runs: what a perfect packing of its buffers takes.

A tensor that stands whole counts, in the stage that computes it, with the rows computed so far, and in the stage that
reads it last with the rows still to be read: the result may be written over the operand (claim C4). What is kept in a
ring counts until the last tick that needs it: the last rows of the result may be written over it, too.
"""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from verify.graph.accounting import align
from verify.graph.plan import InputMode
from verify.plan.draft import Draft, whole_tensors
from verify.plan.forms.recomputing import rows_read
from verify.plan.schedule import progress, still_needed, ticks_until
from verify.plan.uses import Uses, in_place, taken_over
from verify.targets.kernel import Kernel


@dataclass(frozen=True)
class Load:
    """Bytes alive while a stage runs: `standing` all the time, and `passing` while each of its operators does, in their
    order, and after the last one; without the kernels' working memory."""

    standing: int
    passing: Sequence[int]

    def peak(self, scratch: Sequence[int]) -> int:
        """The most bytes at any moment, with so much working memory of each operator's kernel."""
        return self.standing + max(map(sum, itertools.zip_longest(self.passing, scratch, fillvalue=0)))


class Standing:
    """The bytes of all stages of one graph, with what is computed once for all of them."""

    def __init__(self, uses: Uses, mode: InputMode):
        self.uses, self.mode = uses, mode
        outside = set(uses.graph.inputs) if mode is InputMode.PATCHES else set()
        self.history = sum(align(uses.kept[t] * uses.size_bytes(t)) for t in uses.producer if uses.kept[t] > 1)
        self.counted = [t for t in uses.producer if t not in outside and uses.kept[t] == 1]
        self.before = self._made_before(align)
        self._unaligned = self._made_before(int)

    def _made_before(self, size: Callable[[int], int]) -> list[int]:
        """Bytes made before node k and still needed by it or later, for all k."""
        change = [0] * (len(self.uses.graph.nodes) + 2)
        for tensor in self.counted:
            some = size(self.uses.size_bytes(tensor))
            change[self.uses.producer[tensor] + 1] += some
            change[self.uses.last[tensor] + 1] -= some
        return list(itertools.accumulate(change))[:-1]

    def floor(self, start: int, fed: Sequence[int]) -> int:
        """Bytes that stand in the first tick of any stage from node `start` on, before it has made anything.

        What it reads by rows is all there still, so they add to what the stage keeps.
        """
        return self.history + self._unaligned[start] - sum(self.uses.size_bytes(t) for t in fed)

    def peak(self, draft: Draft) -> int:
        """The most bytes alive at any moment of the stage, with its own kernels."""
        places = zip(draft.nodes(self.uses), draft.kernels or self._preferred(draft), strict=True)
        return self.load(draft).peak([align(kernel.scratch_bytes(node)) for node, kernel in places])

    def least(self, draft: Draft) -> int:
        """The same with the least working memory that there can be."""
        return self.load(draft).peak(self._scratches[draft.start : draft.end])

    def within(self, draft: Draft, limit: int) -> Draft:
        """The stage with preferred kernels but where less working memory is needed for it to stay within `limit`."""
        options = self.uses.options[draft.start : draft.end]
        if draft.fixed or all(len(some) == 1 for some in options):
            return draft
        load = self.load(draft)
        room = [limit - load.standing - passing for passing in load.passing]
        kernels = [
            next((option for option in some if option.scratch <= most), some[-1]).kernel
            for some, most in zip(options, room[: len(options)], strict=True)
        ]
        return replace(draft, kernels=tuple(kernels))

    def load(self, draft: Draft) -> Load:
        """What is alive while the stage runs."""
        uses = self.uses
        standing = self.history + self.before[draft.start] - sum(align(uses.size_bytes(t)) for t in draft.fed)
        whole = [t for t in whole_tensors(uses, draft) if uses.kept[t] == 1]
        if draft.at_once:
            over = taken_over(uses, draft.start)
            saved = align(uses.size_bytes(over)) if over is not None and over in self.counted else 0
            return Load(standing + sum(align(uses.size_bytes(t)) for t in whole) - saved, (0,))
        rings, passing = self._rings(draft, set(whole))
        if draft.fixed:
            return Load(standing + sum(align(uses.size_bytes(t)) for t in whole) + sum(rings.values()), passing)
        own = {operand: result for operand, result in over_themselves(uses, draft).items() if operand in self.counted}
        operands = [t for t in emptied(uses, draft) if t in self.counted and t not in own]
        results = [t for t in whole if t not in own.values()]
        standing -= sum(align(uses.size_bytes(t)) for t in operands)
        return Load(standing + self._moving(draft, operands, results, rings), passing)

    def _preferred(self, draft: Draft) -> list[Kernel[Any]]:
        return [self.uses.kernels[node.index] for node in draft.nodes(self.uses)]

    @cached_property
    def _scratches(self) -> list[int]:
        """The least of every node."""
        return [options[-1].scratch for options in self.uses.options]

    def _rings(self, draft: Draft, whole: set[int]) -> tuple[dict[int, int], list[int]]:
        """Bytes kept from step to step, by tensor, and those that are there only while some operators of a step run."""
        uses, standing = self.uses, dict[int, int]()
        transient = [0] * (draft.end - draft.start + 1)
        for tensor in draft.kept:
            if tensor in whole or uses.kept[tensor] > 1:
                continue
            shape = draft.shape(uses, tensor)
            size = align(shape.size(uses, tensor))
            if shape.carry:
                standing[tensor] = size
            else:
                first = max(0, uses.producer[tensor] - draft.start)
                for slot in range(first, max(first, uses.last[tensor] - draft.start) + 1):
                    transient[slot] += size
        return standing, transient

    def _moving(self, draft: Draft, operands: list[int], results: list[int], rings: Mapping[int, int]) -> int:
        """The most bytes that the stage's operands, still to be read, its results, so far, and the rings that are still
        needed take together."""
        kept = sum(rings.values())
        if not operands and not results:
            return kept
        uses, ticks = self.uses, draft.rows.ticks
        load = np.zeros(ticks, dtype=np.int64)
        for tensor in results:
            load += written(uses, draft, tensor, ticks) * uses.row_bytes(tensor)
        for tensor in operands:
            load += (uses.rows(tensor) - dead(uses, draft, tensor, ticks)) * uses.row_bytes(tensor)
        if operands and rings:
            largest = max(rings, key=lambda tensor: rings[tensor])
            load += filled(uses, draft, largest, rings[largest]) - rings[largest]
        if results:
            for tensor, size in rings.items():
                load[drained(uses, draft, tensor) :] -= size
        return align(kept + int(load.max()))


def emptied(uses: Uses, draft: Draft) -> list[int]:
    """Tensors from before the stage that it reads by rows and nobody after it."""
    found = {t: None for node in uses.graph.nodes[draft.start : draft.end] for t in node.inputs if t in uses.producer}
    return [t for t in found if t not in draft.rows.arriving and can_empty(uses, draft, t)]


def can_empty(uses: Uses, draft: Draft, tensor: int) -> bool:
    """Whether the rows of a whole tensor die one after the other while the stage runs."""
    return (
        not draft.fixed
        and draft.rows.ticks > 1  # in a single tick all of it is still read while all of the result is written
        and draft.start <= uses.last[tensor] < draft.end
        and uses.kept[tensor] == 1
        and all(uses.window(uses.graph.nodes[draft.start + k], o) is not None for k, o in _reads(uses, draft, tensor))
    )


def over_themselves(uses: Uses, draft: Draft) -> dict[int, int]:
    """Operands and the results that are written over them, each row where the operator that writes it has read it.

    All else that the stage reads of such an operand is ahead of that.
    """
    found: dict[int, int] = {}
    ticks = draft.rows.ticks
    for operand in emptied(uses, draft):
        for number in {draft.start + k for k, _ in _reads(uses, draft, operand)}:
            node = uses.graph.nodes[number]
            (result, *_) = node.outputs
            if number in draft.demand or uses.last[result] < draft.end or not in_place(uses, node, operand):
                continue
            ahead, done = dead(uses, draft, operand, ticks, but=number), written(uses, draft, result, ticks)
            if (ahead >= done).all():
                found[operand] = result
    return found


def written(uses: Uses, draft: Draft, tensor: int, ticks: int) -> np.ndarray:
    """Rows complete after each tick."""
    schedule, rows = draft.rows.arriving[tensor]
    return progress(schedule, rows, ticks)


def dead(uses: Uses, draft: Draft, tensor: int, ticks: int, but: int | None = None) -> np.ndarray:
    """Rows of a whole tensor that no tick from this one on reads, those of node `but` left out."""
    rows = uses.rows(tensor)
    oldest = np.full(ticks, rows)
    for k, operand in _reads(uses, draft, tensor):
        if draft.start + k == but:
            continue
        oldest = np.minimum(oldest, still_needed(*rows_read(uses, draft, draft.start + k, operand), rows, ticks))
    return oldest


def filled(uses: Uses, draft: Draft, tensor: int, size: int) -> np.ndarray:
    """Bytes of a ring of so many that anything has been written to, after each tick; they are filled from the start."""
    ticks = draft.rows.ticks
    if draft.shape(uses, tensor).columns or uses.producer[tensor] in draft.demand:  # in any order, or again
        return np.full(ticks, size)
    return np.minimum(size, written(uses, draft, tensor, ticks) * uses.row_bytes(tensor))


def drained(uses: Uses, draft: Draft, tensor: int) -> int:
    """The tick of the stage from which on nothing of a ring is written or read."""
    arriving, end = draft.rows.arriving, ticks_until(*draft.rows.arriving[tensor])
    for number in uses.readers[tensor]:
        while True:
            (result, *_) = uses.graph.nodes[number].outputs
            end = max(end, ticks_until(*arriving[result]))
            if number not in draft.demand:
                break
            number = uses.readers[result][0]  # it fires when that one does
    return end


def _reads(uses: Uses, draft: Draft, tensor: int) -> list[tuple[int, int]]:
    """The stage's reads of a tensor: place of the operator in the stage, and operand."""
    return [
        (number - draft.start, operand)
        for number in uses.readers[tensor]
        if draft.start <= number < draft.end
        for operand, read in enumerate(uses.graph.nodes[number].inputs)
        if read == tensor
    ]


def drift(uses: Uses, draft: Draft) -> int:
    """Bytes by which a stage moves its result below the operand that it is written over; 0 where it is over none.

    In a chain of such stages they add up, and the arena grows by them.
    """
    if draft.at_once or draft.fixed:
        return 0
    own = over_themselves(uses, draft)
    results = [t for t in whole_tensors(uses, draft) if uses.kept[t] == 1 and t not in own.values()]
    operands = [t for t in emptied(uses, draft) if t not in own]
    moved = (overlap(uses, draft, operand, result) for operand in operands for result in results)
    return max(moved, default=0)


def overlap(uses: Uses, draft: Draft, operand: int, result: int) -> int:
    """Bytes by which a result must start below an operand that it is written over while the stage reads it.

    Less than 0: how far above it may.
    """
    ends = written(uses, draft, result, draft.rows.ticks) * uses.row_bytes(result)
    return _below(uses, draft, operand, ends)


def under(uses: Uses, draft: Draft, operand: int, ring: int, size: int) -> int:
    """The same of a ring of so many bytes, which is filled over the operand."""
    return _below(uses, draft, operand, filled(uses, draft, ring, size))


def _below(uses: Uses, draft: Draft, operand: int, ends: np.ndarray) -> int:
    starts = dead(uses, draft, operand, draft.rows.ticks)
    both = (ends > 0) & (starts < uses.rows(operand))
    return align(int(np.max((ends - starts * uses.row_bytes(operand))[both], initial=-uses.size_bytes(operand))))
