"""The search for few instructions: stages of several rows or columns per tick, weighed by their estimated instructions.

Short calls cost more per result than long ones: kernels work in blocks of pixels. A stage whose ticks are longer keeps
more rows; so there is a front of memory against instructions, and a plan is one point of it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from verify.plan.candidates import Space, every_frame
from verify.plan.draft import Draft
from verify.plan.effort import Effort
from verify.plan.forms.columns import columns
from verify.plan.forms.late import late
from verify.plan.forms.rows import before, rows
from verify.plan.runs import Runs

ROWS = (1, 2, 3, 4, 6, 8)
"""Rows of its source that a stage may take per tick."""

STRIPS = (4, 8, 16)
"""Columns of its source that a stage may take per tick; fewer make calls of single pixels."""

LONGEST = 40
"""Operators of a stage at most."""


@dataclass(frozen=True, eq=False)
class Weighed:
    """A legal stage, the bytes alive while it runs, and its estimated instructions."""

    draft: Draft
    peak: int
    instructions: float


ByEnd = list[list[Weighed]]


def weighed(
    runs: Runs, effort: Effort, space: Space, time_step: int, limit: float, progress: Callable[[int, int], None]
) -> ByEnd:
    """All stages of a space (none recomputes) within `limit` bytes, grouped by where they end."""
    count = len(runs.uses.graph.nodes)
    needed = every_frame(runs.uses, time_step)
    by_end: ByEnd = [[] for _ in range(count + 1)]
    for start in range(count):
        for draft in (runs.layer(start).draft, *_stages(runs, start, space, needed)):
            peak = runs.standing.peak(draft)
            if peak <= limit:
                by_end[draft.end].append(Weighed(draft, peak, effort.of(draft)))
        progress(start + 1, count)
    return by_end


def _stages(runs: Runs, start: int, space: Space, needed: Sequence[bool]) -> Iterator[Draft]:
    """Stages from `start` on, by rows and by columns."""
    uses = runs.uses
    for fed in runs.feedable(start):
        for step in ROWS:
            draft = rows(uses, before(uses, start, fed, step))
            while draft and draft.end - start <= LONGEST and not start < space.cut < draft.end:
                if needed[draft.end - 1] != needed[start]:
                    break
                if all(uses.readers[t] and uses.last[t] < draft.end for t in fed):
                    yield late(uses, draft)
                    for strip in STRIPS if space.columns and step == 1 else ():
                        if split := columns(uses, draft, strip):
                            yield late(uses, split)
                if draft.rows.ticks == 1:
                    break
                draft = rows(uses, draft)


def fewest(by_end: ByEnd, limit: float = math.inf) -> tuple[list[Weighed], float] | None:
    """The stages of the fewest instructions, and how many these are, among those within `limit` bytes."""
    best: list[tuple[float, Weighed | None]] = [(0.0, None)]
    for end in range(1, len(by_end)):
        found = [(w.instructions + best[w.draft.start][0], w) for w in by_end[end] if w.peak <= limit]
        best.append(min(found, key=lambda pair: pair[0], default=(math.inf, None)))
    if best[-1][0] == math.inf:
        return None
    chosen, end = [], len(by_end) - 1
    while end:
        stage = best[end][1]
        assert stage is not None, "a way of finite effort has a last stage"
        chosen.append(stage)
        end = stage.draft.start
    return chosen[::-1], best[-1][0]


def front(by_end: ByEnd, most: float = math.inf) -> Iterator[tuple[list[Weighed], float]]:
    """Ways of less and less memory for more and more instructions, up to `most` of these."""
    limit = math.inf
    while (found := fewest(by_end, limit)) and found[1] <= most:
        yield found
        limit = max(stage.peak for stage in found[0]) - 1
