"""Estimated instructions of stages that are still drafts (verify.targets.cost has where prices come from)."""

import math
from collections import Counter
from collections.abc import Mapping

import numpy as np

from verify.graph.plan import Schedule
from verify.graph.tensor import Axis
from verify.ops.streaming import extent
from verify.plan.draft import Draft
from verify.plan.schedule import frontiers
from verify.plan.uses import Uses
from verify.targets.cost import Calls, call_price, step_price


class Effort:
    """Of the stages of one graph; what was worked out once is kept."""

    def __init__(self, uses: Uses):
        self.uses = uses
        self._prices: dict[tuple[int, int, int | None], float | None] = {}
        self._sizes: dict[tuple[Schedule, int, int], Mapping[int, int]] = {}
        self._nodes: dict[tuple[int, Schedule, int, tuple[Schedule, int] | None], tuple[float, int]] = {}

    def known(self) -> bool:
        """Whether all kernels have prices."""
        return all(self._price(number, 1, None) is not None for number in range(len(self.uses.graph.nodes)))

    def of(self, draft: Draft) -> float:
        """Instructions of one run of the stage, which is not one given as it stands; infinite if some are not known."""
        assert not draft.fixed, "published schemes are not compared by effort"
        total, calls = 0.0, 0
        columns = draft.columns
        for place, schedule in enumerate(draft.rows.schedules):
            wide = (columns.schedules[place], columns.ticks) if columns else None
            price, times = self._node(draft.start + place, schedule, draft.rows.ticks, wide)
            total, calls = total + price, calls + times
        return total + step_price(draft.steps, draft.end - draft.start, calls, columns is not None)

    def _node(
        self, number: int, schedule: Schedule, ticks: int, wide: tuple[Schedule, int] | None
    ) -> tuple[float, int]:
        """Instructions and calls of one operator; infinite if they are not known."""
        key = number, schedule, ticks, wide
        if key not in self._nodes:
            node = self.uses.graph.nodes[number]
            high = self._ticks(schedule, extent(node, Axis.HEIGHT), ticks)
            broad: Mapping[int | None, int] = {None: 1}
            if wide is not None:
                broad = {**self._ticks(wide[0], extent(node, Axis.WIDTH), wide[1])}
            total, calls = 0.0, 0
            for size, often in high.items():
                for width, times in broad.items():
                    price = self._price(number, size, width)
                    total += math.inf if price is None else price * often * times
                    calls += often * times
            self._nodes[key] = total, calls
        return self._nodes[key]

    def _price(self, number: int, rows: int, columns: int | None) -> float | None:
        key = number, rows, columns
        if key not in self._prices:
            node = self.uses.graph.nodes[number]
            self._prices[key] = call_price(self.uses.kernels[node.index], node, Calls(node.index, rows, columns, 1))
        return self._prices[key]

    def _ticks(self, schedule: Schedule, total: int, ticks: int) -> Mapping[int, int]:
        """How often so many positions are computed at a tick."""
        key = schedule, total, ticks
        if key not in self._sizes:
            complete = frontiers(schedule, total, np.arange(-1, ticks))
            self._sizes[key] = Counter(size for size in np.diff(complete).tolist() if size)
        return self._sizes[key]
