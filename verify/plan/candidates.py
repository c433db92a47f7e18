"""Every legal stage of a network with what it takes: bytes alive while it runs, and MACs done twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from verify.graph.plan import InputMode
from verify.plan.load import Standing
from verify.plan.recompute import MOST, Gains, variants, with_demand
from verify.plan.stages import Draft, Uses, delay_sources, grow, ring_shape, single

MAX_RUN = 256
"""Longest run of operators tried as one stage, so that the search stays quadratic on very deep networks."""

FIRST_RUN = 12
"""Longest run in a first, quick search, whose result cuts the second one short."""


@dataclass(frozen=True)
class Candidate:
    """A legal stage over nodes [start, end), the bytes that are alive while it runs, and the MACs that it adds."""

    start: int
    end: int
    streamed: bool
    fed: tuple[int, ...]
    peak: int
    columns: bool = False
    extra: int = 0
    strip: int = 1
    demand: frozenset[int] = frozenset()

    @property
    def fusion(self) -> int:
        """Operators fused; calls for single pixels cost more than calls for rows."""
        return (self.end - self.start) * (4 if self.columns else 1) if self.streamed else 0


@dataclass(frozen=True)
class Space:
    """What the search may use: stages split by columns, operators that compute rows again; none over node `cut`."""

    columns: bool = True
    recompute: bool = False
    cut: int = 0


ByEnd = list[list[Candidate]]
"""All candidates, grouped by where they end."""


def candidates(
    uses: Uses,
    mode: InputMode,
    time_step: int,
    space: Space,
    progress: Callable[[int, int], None],
) -> ByEnd:
    """The stages worth considering: those that fill no more memory than the best plan of short stages."""
    quick = _enumerate(
        uses, mode, time_step, replace(space, recompute=False), FIRST_RUN, None, lambda done, total: None
    )
    return _enumerate(uses, mode, time_step, space, MAX_RUN, least_peak(quick), progress)


def least_peak(by_end: ByEnd, extra: bool = False) -> int:
    """The smallest limit within which the network can be run; `extra` allows stages that recompute."""
    bottleneck = [0] * len(by_end)
    for end in range(1, len(by_end)):
        bottleneck[end] = min(max(bottleneck[c.start], c.peak) for c in by_end[end] if extra or not c.extra)
    return bottleneck[-1]


def _enumerate(
    uses: Uses,
    mode: InputMode,
    time_step: int,
    space: Space,
    longest: int,
    limit: int | None,
    progress: Callable[[int, int], None],
) -> ByEnd:
    count = len(uses.graph.nodes)
    # What may be left out of a frame is not fused with what may not.
    fed_later = uses.graph.feeds_later_frames() if time_step > 1 else set()
    needed = [node.index in fed_later for node in uses.graph.nodes]
    by_end: ByEnd = [[] for _ in range(count + 1)]
    standing = Standing(uses, mode)
    for start in range(count):
        by_end[start + 1].append(Candidate(start, start + 1, False, (), standing.peak(single(uses, start))))
        for fed in _feedable(uses, start, mode):
            gains: Gains = {}
            for draft in grow(uses, start, fed):
                if draft.end - start > longest or needed[draft.end - 1] != needed[start]:
                    break
                if start < space.cut < draft.end:
                    break
                if limit is not None and _rings_outgrow(uses, draft, limit, space):
                    break
                if all(uses.readers[t] and uses.last[t] < draft.end for t in fed):
                    by_end[draft.end] += _forms(uses, standing, draft, space, limit, gains)
        progress(start + 1, count)
    return by_end


def _forms(
    uses: Uses, standing: Standing, draft: Draft, space: Space, limit: int | None, gains: Gains
) -> Iterator[Candidate]:
    """One run of operators by rows, by rows and columns, and with operators that recompute."""
    by_rows = standing.peak(delay_sources(uses, replace(draft, columns=None)))
    yield Candidate(draft.start, draft.end, True, draft.fed, by_rows)
    if not space.columns or not draft.columns:
        return
    peak = standing.peak(delay_sources(uses, draft))
    yield Candidate(draft.start, draft.end, True, draft.fed, peak, columns=True)
    # Whoever recomputes does so to get far below what is possible without.
    if space.recompute and (limit is None or peak > limit // 4):
        for changed, extra in variants(uses, draft, gains):
            less = standing.peak(changed)
            if less < peak:
                yield Candidate(draft.start, draft.end, True, draft.fed, less, True, extra, demand=changed.demand)


def _rings_outgrow(uses: Uses, draft: Draft, limit: int, space: Space) -> bool:
    """Whether what a run keeps for its readers alone takes more than `limit`; it only grows with more operators."""
    last = uses.graph.nodes[draft.end - 1].inputs
    form = draft if space.columns else replace(draft, columns=None)
    sizes = [
        ring_shape(uses, form, tensor).size(uses, tensor)
        for tensor, ring in draft.rings.items()
        # Not those that still grow, nor those that are no rings in the end.
        if ring.carry and tensor not in last and uses.last[tensor] < draft.end and uses.kept[tensor] == 1
    ]
    if space.recompute and draft.columns:
        sizes = sorted(sizes)[:-MOST]  # so many may turn out not to be kept at all
    return sum(sizes) > limit


def _feedable(uses: Uses, start: int, mode: InputMode) -> list[tuple[int, ...]]:
    """Which inputs may arrive by rows in a stage from `start`: none, or in the first stage the largest one."""
    choices: list[tuple[int, ...]] = [()]
    if start == 0 and mode is InputMode.ROWS:
        largest = max(uses.graph.inputs, key=uses.size_bytes)
        feedable = uses.rows(largest) > 1 and uses.kept[largest] == 1 and largest not in uses.graph.outputs
        if feedable:
            choices.append((largest,))
    return choices


def draft_of(uses: Uses, candidate: Candidate) -> Draft:
    """The stage that a candidate stands for, built again."""
    if not candidate.streamed:
        return single(uses, candidate.start)
    for draft in grow(uses, candidate.start, candidate.fed, candidate.strip):
        if draft.end == candidate.end:
            form = draft if candidate.columns else replace(draft, columns=None)
            return with_demand(uses, form, candidate.demand) if candidate.demand else delay_sources(uses, form)
    raise AssertionError("a candidate grows again to its end")
