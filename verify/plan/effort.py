"""Estimated instructions of stages that are still drafts (verify.targets.cost has where prices come from)."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from verify.graph.plan import Schedule
from verify.graph.tensor import Axis
from verify.ops.streaming import extent
from verify.plan.draft import Draft
from verify.plan.schedule import frontiers
from verify.plan.uses import Uses
from verify.targets.cost import Calls, call_price, step_price
from verify.targets.kernel import Kernel


@dataclass(frozen=True, eq=False)
class Priced:
    """A kernel for an operator of a stage, its bytes of working memory, and the instructions of all its calls."""

    kernel: Kernel[Any]
    scratch: int
    instructions: float


@dataclass(frozen=True, eq=False)
class Work:
    """An operator in a stage: how often its kernel is called, and what each kernel takes that may compute it.

    `best` are those that no other one beats in both instructions and bytes, the fewest instructions first.
    """

    calls: int
    every: Sequence[Priced]
    best: Sequence[Priced]


class Effort:
    """Of the stages of one graph; what was worked out once is kept, for all nodes of the same look."""

    def __init__(self, uses: Uses):
        self.uses = uses
        self._prices: dict[tuple[Kernel[Any], int, int, int | None], float] = {}
        self._sizes: dict[tuple[Schedule, int, int], Mapping[int, int]] = {}
        self._works: dict[tuple[int, Schedule, int, tuple[Schedule, int] | None], Work] = {}

    def known(self) -> bool:
        """Whether all preferred kernels have prices."""
        options = enumerate(self.uses.options)
        return all(self._price(some[0].kernel, number, 1, None) < math.inf for number, some in options)

    def of(self, draft: Draft) -> float:
        """Instructions of one run of the stage, which is not one given as it stands; infinite if some are not known."""
        works = self.works(draft)
        kernels = draft.kernels or [work.every[0].kernel for work in works]
        own = (
            next(priced.instructions for priced in work.every if priced.kernel is kernel)
            for work, kernel in zip(works, kernels, strict=True)
        )
        return self.around(draft, works) + sum(own)

    def works(self, draft: Draft) -> list[Work]:
        """What the operators of a stage take, which is not one given as it stands."""
        assert not draft.fixed, "published schemes are not compared by effort"
        columns, ticks = draft.columns, draft.rows.ticks
        if columns is None:
            return [self._work(number, s, ticks, None) for number, s in enumerate(draft.rows.schedules, draft.start)]
        pairs = zip(draft.rows.schedules, columns.schedules, strict=True)
        return [self._work(n, rows, ticks, (wide, columns.ticks)) for n, (rows, wide) in enumerate(pairs, draft.start)]

    def around(self, draft: Draft, works: Sequence[Work]) -> float:
        """Instructions of the generated function of a stage."""
        calls = sum(work.calls for work in works)
        return step_price(draft.steps, draft.end - draft.start, calls, draft.columns is not None)

    def _work(self, number: int, schedule: Schedule, ticks: int, wide: tuple[Schedule, int] | None) -> Work:
        key = self.uses.looks[number], schedule, ticks, wide
        if key not in self._works:
            node = self.uses.graph.nodes[number]
            high = self._ticks(schedule, extent(node, Axis.HEIGHT), ticks)
            broad: Mapping[int | None, int] = {None: 1}
            if wide is not None:
                broad = {**self._ticks(wide[0], extent(node, Axis.WIDTH), wide[1])}
            calls = [((size, width), often * times) for size, often in high.items() for width, times in broad.items()]
            every = [
                Priced(o.kernel, o.scratch, sum(times * self._price(o.kernel, number, *size) for size, times in calls))
                for o in self.uses.options[number]
            ]
            self._works[key] = Work(sum(times for _, times in calls), every, _best(every))
        return self._works[key]

    def _price(self, kernel: Kernel[Any], number: int, rows: int, columns: int | None) -> float:
        """Instructions of a call; infinite if they are not known."""
        key = kernel, self.uses.looks[number], rows, columns
        if key not in self._prices:
            node = self.uses.graph.nodes[number]
            price = call_price(kernel, node, Calls(node.index, rows, columns, 1))
            self._prices[key] = math.inf if price is None else price
        return self._prices[key]

    def _ticks(self, schedule: Schedule, total: int, ticks: int) -> Mapping[int, int]:
        """How often so many positions are computed at a tick."""
        key = schedule, total, ticks
        if key not in self._sizes:
            complete = frontiers(schedule, total, np.arange(-1, ticks))
            self._sizes[key] = Counter(size for size in np.diff(complete).tolist() if size)
        return self._sizes[key]


def _best(every: Sequence[Priced]) -> Sequence[Priced]:
    best: list[Priced] = []
    for priced in sorted(every, key=lambda priced: (priced.instructions, priced.scratch)):
        if not best or priced.scratch < best[-1].scratch and priced.instructions < math.inf:
            best.append(priced)
    return best
