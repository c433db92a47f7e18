"""Where to cut a network into stages: shortest paths over its legal stages.

The peak of a plan is the largest of its stages' peaks, so the least peak is a bottleneck shortest path. Within a limit
on the peak, the least recomputation is an ordinary shortest path, and among those the fewest operators are fused:
whole layers have the longest inner loops. The front of memory against MACs is one shortest path per limit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from verify.plan.candidates import ByEnd, least_peak
from verify.plan.path import Price, cheapest
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

    def price(candidate: Candidate) -> Price | None:
        return None if candidate.peak > limit or candidate.extra else (drift(candidate), candidate.fusion)

    found = cheapest(by_end, price)
    return Choice(tuple(found[0]), limit, 0) if found else None


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

    def price(candidate: Candidate) -> Price | None:
        if candidate.peak > limit:
            return None
        # An input that can arrive by rows stands whole only where that takes less.
        stands = count * 4 if feeds and candidate.start == 0 and not candidate.fed else 0
        return candidate.extra, candidate.fusion + stands + weight * (candidate.peak / limit) ** 8

    found = cheapest(by_end, price, lambda candidate: candidate.peak)
    return Choice(tuple(found[0]), limit, sum(candidate.extra for candidate in found[0])) if found else None
