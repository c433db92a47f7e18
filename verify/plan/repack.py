"""Other forms of a plan's fullest stages, where its buffers do not pack into what the stages take by themselves.

Results lie over operands, each a little below the one before, and rings beside them; so stages that follow each other
can need more together than any of them alone. Forms of a stage that keep otherwise much, or compute again otherwise
much, are then tried in its place, one by one, as long as the arena gets smaller.
"""

from collections.abc import Iterator

from verify.graph.accounting import ALIGNMENT
from verify.graph.plan import Plan
from verify.plan.build import Aim
from verify.plan.candidates import ByEnd
from verify.plan.maker import Maker
from verify.plan.runs import Candidate
from verify.plan.select import Choice

FULL = 0.8
"""Of the arena, that a stage takes which is looked at."""

OTHERS = 8
"""Forms that are tried of each stage, those that take least first."""


def repacked(maker: Maker, by_end: ByEnd, choice: Choice, plan: Plan, spare: float) -> Choice | None:
    """A choice that adds at most `spare` MACs and whose plan needs less than `plan`, which is its limit; None if there
    is none."""
    best, stages, arena = plan, choice.stages, plan.arena_bytes
    found = True
    while found:
        found = False
        for trial in _changed(by_end, stages, arena, spare):
            drafts = [maker.runs.standing.within(candidate.draft, arena) for candidate in trial]
            other = maker.plan(drafts, aim=Aim(arena - ALIGNMENT, best))
            if other.arena_bytes < arena:
                best, stages, arena, found = other, trial, other.arena_bytes, True
                break
    return None if best is plan else Choice(stages, arena, sum(candidate.extra for candidate in stages))


def _changed(by_end: ByEnd, stages: tuple[Candidate, ...], arena: int, spare: float) -> Iterator[tuple[Candidate, ...]]:
    """The stages with one of the full ones in another form."""
    extra = sum(candidate.extra for candidate in stages)
    for place, own in enumerate(stages):
        if own.peak < FULL * arena:
            continue
        others = [
            other
            for other in by_end[own.draft.end]
            if (other.start, other.fed) == (own.start, own.fed)
            and other is not own
            and other.peak < arena
            and extra - own.extra + other.extra <= spare
        ]
        for other in sorted(others, key=lambda other: other.peak)[:OTHERS]:
            yield *stages[:place], other, *stages[place + 1 :]
