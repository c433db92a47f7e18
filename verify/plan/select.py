"""Where to cut a network into stages: shortest paths over its legal stages.

The peak of a plan is the largest of its stages' peaks, so the least peak is a bottleneck shortest path. Within a limit
on the peak, the least recomputation is an ordinary shortest path, and among those the fewest operators are fused:
whole layers have the longest inner loops. The front of memory against MACs is one shortest path per limit.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from verify.plan.candidates import ByEnd, least_peak
from verify.plan.runs import Candidate

PACKING_WEIGHTS = (0, 0.25, 1, 4, 16)


@dataclass(frozen=True)
class Choice:
    """Stages from the first operator to the last, the limit on their peaks, and the MACs that they add."""

    stages: tuple[Candidate, ...]
    limit: int
    extra: int


def within(by_end: ByEnd, limit: int) -> Choice | None:
    """The least recomputation, then the least fusion, of all ways whose stages stay within `limit` bytes."""
    return next(ways(by_end, limit), None)


def ways(by_end: ByEnd, limit: int) -> Iterator[Choice]:
    """The same, then others of as little recomputation that keep further and further away from the limit.

    Should the buffers of the first one not pack tightly, those of the others may.
    """
    for weight in PACKING_WEIGHTS:
        choice = _cheapest(by_end, limit, weight)
        if choice is None:
            return
        yield choice


def steady(by_end: ByEnd, limit: int, drift: Callable[[Candidate], int]) -> Choice | None:
    """Stages within `limit` bytes without recomputation whose results move the least, then the least fusion.

    `drift` says by how much the result of one moves below its operand (verify.plan.load).
    """
    best: list[tuple[int, int, Candidate | None] | None] = [(0, 0, None)]
    for stages in by_end[1:]:
        found = []
        for candidate in stages:
            before = best[candidate.start]
            if before and candidate.peak <= limit and not candidate.extra:
                found.append((before[0] + drift(candidate), before[1] + candidate.fusion, candidate))
        best.append(min(found, key=lambda choice: choice[:2], default=None))
    chosen: list[Candidate] = []
    end = len(best) - 1
    while end:
        last = best[end]
        if last is None or last[2] is None:
            return None
        chosen.append(last[2])
        end = last[2].start
    return Choice(tuple(reversed(chosen)), limit, 0)


def front(by_end: ByEnd) -> list[Choice]:
    """Every trade of peak against recomputation that no other one beats, from no recomputation to the least peak."""
    found: list[Choice] = []
    limit, lowest = least_peak(by_end), least_peak(by_end, extra=True)
    while limit >= lowest:
        choice = within(by_end, limit)
        if choice is None:
            break
        peak = max(c.peak for c in choice.stages)
        if found and choice.extra == found[-1].extra:
            found.pop()
        found.append(Choice(choice.stages, peak, choice.extra))
        limit = peak - 1
    return found


def _cheapest(by_end: ByEnd, limit: int, weight: float) -> Choice | None:
    """`weight` fused operators outweigh a stage as full as the limit."""
    count = len(by_end)
    feeds = any(c.fed for c in by_end[-1]) or any(c.fed for candidates in by_end for c in candidates)

    def price(candidate: Candidate) -> float:
        # An input that can arrive by rows stands whole only where that takes less.
        stands = count * 4 if feeds and candidate.start == 0 and not candidate.fed else 0
        return candidate.fusion + stands + weight * (candidate.peak / limit) ** 8

    best: list[tuple[int, float, int, Candidate | None]] = [(0, 0, 0, None)]
    for end in range(1, count):
        choices = [
            (c.extra + best[c.start][0], price(c) + best[c.start][1], c.peak, c)
            for c in by_end[end]
            if c.peak <= limit and best[c.start][1] < math.inf
        ]
        best.append(min(choices, key=lambda choice: choice[:3], default=(0, math.inf, 0, None)))
    if best[-1][1] == math.inf:
        return None
    chosen, end = [], count - 1
    while end:
        candidate = best[end][3]
        assert candidate is not None, "a way of finite price has a last stage"
        chosen.append(candidate)
        end = candidate.start
    return Choice(tuple(reversed(chosen)), limit, best[-1][0])
