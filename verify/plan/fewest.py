"""The search for few instructions: stages of several rows or columns per tick, weighed by their estimated instructions.

Short calls cost more per result than long ones: kernels work in blocks of pixels. A stage whose ticks are longer keeps
more rows; so there is a front of memory against instructions, and a plan is one point of it. Another such trade are
kernels of less working memory, where that of a stage's kernels sets its peak.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from verify.plan.alike import Found
from verify.plan.candidates import Space, every_frame, from_every_start
from verify.plan.draft import Draft
from verify.plan.effort import Effort, Priced
from verify.plan.forms.columns import columns
from verify.plan.forms.late import late
from verify.plan.forms.rows import before, rows
from verify.plan.path import Price, cheapest
from verify.plan.runs import Runs
from verify.plan.uses import Uses

ROWS = (1, 2, 3, 4, 6, 8)
"""Rows of its source that a stage may take per tick."""

STRIPS = (1, 2, 3, 4, 6, 8, 12, 16)
"""Columns of its source that a stage may take per tick."""

LONGEST = 40
"""Operators of a stage at most."""


@dataclass(frozen=True, eq=False)
class Weighed(Found):
    """A legal stage with its kernels, the bytes alive while it runs, and its estimated instructions."""

    peak: int
    instructions: float


ByEnd = list[list[Weighed]]


def weighed(
    runs: Runs, effort: Effort, space: Space, time_step: int, limit: float, progress: Callable[[int, int], None]
) -> ByEnd:
    """All stages of a space (none recomputes) within `limit` bytes, grouped by where they end."""
    needed = every_frame(runs.uses, time_step)

    def found(start: int) -> tuple[list[Weighed], int]:
        return _from(runs, effort, start, space, needed, limit)

    return from_every_start(runs, needed, space.cut, found, progress)


def _from(
    runs: Runs, effort: Effort, start: int, space: Space, needed: Sequence[bool], limit: float
) -> tuple[list[Weighed], int]:
    """All stages from `start` on, and the end of the operators that were looked at."""
    found: dict[int, list[_Choice]] = {start + 1: list(_choices(runs, effort, runs.layer(start).draft, limit))}
    looked_at = start + 1
    for end, drafts in _stages(runs, start, space, needed, limit):
        looked_at = max(looked_at, end)
        for draft in drafts:
            found.setdefault(draft.end, []).extend(_choices(runs, effort, draft, limit))
    stages = [
        Weighed(replace(draft, kernels=tuple(priced.kernel for priced in kernels)), peak, instructions)
        for choices in found.values()
        for peak, instructions, draft, kernels in _undominated(choices)
    ]
    return stages, looked_at


_Choice = tuple[int, float, Draft, list[Priced]]
"""Bytes, instructions, the stage and its kernels."""


def _choices(runs: Runs, effort: Effort, draft: Draft, limit: float) -> Iterator[_Choice]:
    """A stage with the kernels of the fewest instructions, then with less and less working memory.

    Where that of a kernel sets the peak, the operator's next one is tried, until there is none.
    """
    load = runs.standing.load(draft)
    if load.standing > limit:
        return
    works = effort.works(draft)
    level, around = [0] * len(works), effort.around(draft, works)
    peak = math.inf
    while True:
        kernels = [work.best[place] for work, place in zip(works, level, strict=True)]
        now = load.peak([priced.scratch for priced in kernels])
        if now < peak and now <= limit:
            peak = now
            yield now, around + sum(priced.instructions for priced in kernels), draft, kernels
        fullest = max(range(len(works)), key=lambda k: load.passing[k] + kernels[k].scratch)
        level[fullest] += 1
        if level[fullest] == len(works[fullest].best):
            return


def _undominated(choices: list[_Choice]) -> Iterator[_Choice]:
    """Those that no other one of the same operators beats in both bytes and instructions."""
    least = math.inf
    for choice in sorted(choices, key=lambda choice: choice[:2]):
        if choice[1] < least:
            least = choice[1]
            yield choice


def _stages(
    runs: Runs, start: int, space: Space, needed: Sequence[bool], limit: float
) -> Iterator[tuple[int, list[Draft]]]:
    """Stages from `start` on, by rows and by columns; with them the end of the operators that were looked at."""
    uses = runs.uses
    for fed in runs.feedable(start):
        room = limit - runs.standing.floor(start, fed)
        for step in ROWS:
            splits: dict[int, Draft | None] = dict.fromkeys(STRIPS if space.columns and step == 1 else ())
            draft = rows(uses, before(uses, start, fed, step))
            alive = True
            while draft and draft.end - start <= LONGEST and not start < space.cut < draft.end:
                if needed[draft.end - 1] != needed[start]:
                    break
                alive = alive and _within(uses, draft, room)
                grown = ((strip, columns(uses, draft, strip, known)) for strip, known in splits.items())
                narrow = {strip: split for strip, split in grown if split and _within(uses, split, room)}
                splits = {**narrow}
                found = [late(uses, split) for split in narrow.values()] + ([late(uses, draft)] if alive else [])
                complete = all(uses.readers[t] and uses.last[t] < draft.end for t in fed)
                yield draft.end + 1, found if complete else []  # one more, which the next round looks at
                if not found or draft.rows.ticks == 1:
                    break
                draft = rows(uses, draft)


def _within(uses: Uses, draft: Draft, room: float) -> bool:
    """Whether what is kept from tick to tick, and no more operators change, is within `room` bytes: any longer stage
    keeps it, too."""
    if room == math.inf:
        return True
    last = uses.graph.nodes[draft.end - 1].inputs
    kept = sum(
        draft.shape(uses, tensor).size(uses, tensor)
        for tensor, ring in draft.rows.rings.items()
        if ring.carry and tensor not in last and uses.last[tensor] < draft.end and uses.kept[tensor] == 1
    )
    return kept <= room


def fewest(by_end: ByEnd, limit: float = math.inf, full: float = 0.0) -> tuple[list[Weighed], float] | None:
    """The stages of the fewest instructions, and how many these are, among those within `limit` bytes.

    A stage as full as the limit counts as `full` times more instructions than it takes: where it is avoided, buffers
    pack more easily.
    """

    def price(stage: Weighed) -> Price | None:
        if stage.peak > limit or stage.instructions == math.inf:
            return None
        return (stage.instructions * (1 + full * (stage.peak / limit) ** 8),)

    found = cheapest(by_end, price)
    return (found[0], sum(stage.instructions for stage in found[0])) if found else None


def front(by_end: ByEnd, worth: float = math.inf) -> Iterator[tuple[list[Weighed], float]]:
    """Ways of less and less memory for more and more instructions, up to `worth` times the fewest."""
    limit = most = math.inf
    while (found := fewest(by_end, limit)) and found[1] <= most:
        yield found
        limit, most = max(stage.peak for stage in found[0]) - 1, min(most, worth * found[1])
