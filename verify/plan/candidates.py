"""Every legal stage of a network with what it takes: bytes alive while it runs, and MACs done twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from verify.plan.forms.recomputing import MOST
from verify.plan.runs import Candidate, Run, Runs
from verify.plan.uses import Uses

MAX_RUN = 256
"""Longest run of operators tried as one stage, so that the search stays quadratic on very deep networks."""

FIRST_RUN = 12
"""Longest run in a first, quick search, whose result cuts the second one short."""


@dataclass(frozen=True)
class Space:
    """What the search may use: stages split by columns, operators that compute rows again; none over node `cut`."""

    columns: bool = True
    recompute: bool = False
    cut: int = 0


ByEnd = list[list[Candidate]]
"""All candidates, grouped by where they end."""


def candidates(runs: Runs, time_step: int, space: Space, progress: Callable[[int, int], None]) -> ByEnd:
    """The stages worth considering: those that fill no more memory than the best plan of short stages."""
    quick = _enumerate(runs, time_step, replace(space, recompute=False), FIRST_RUN, None, lambda done, total: None)
    return _enumerate(runs, time_step, space, MAX_RUN, least_peak(quick), progress)


def least_peak(by_end: ByEnd, extra: bool = False) -> int:
    """The smallest limit within which the network can be run; `extra` allows stages that recompute."""
    bottleneck = [0] * len(by_end)
    for end in range(1, len(by_end)):
        bottleneck[end] = min(max(bottleneck[c.start], c.peak) for c in by_end[end] if extra or not c.extra)
    return bottleneck[-1]


def every_frame(uses: Uses, time_step: int) -> list[bool]:
    """Which nodes are computed in every frame; what may be left out of one is not fused with what may not."""
    fed_later = uses.graph.feeds_later_frames() if time_step > 1 else set()
    return [node.index in fed_later for node in uses.graph.nodes]


def _enumerate(
    runs: Runs, time_step: int, space: Space, longest: int, limit: int | None, progress: Callable[[int, int], None]
) -> ByEnd:
    uses, count = runs.uses, len(runs.uses.graph.nodes)
    needed = every_frame(uses, time_step)
    by_end: ByEnd = [[] for _ in range(count + 1)]
    for start in range(count):
        by_end[start + 1].append(runs.layer(start))
        for fed in runs.feedable(start):
            for run in runs.of(start, fed):
                if run.end - start > longest or needed[run.end - 1] != needed[start]:
                    break
                if start < space.cut < run.end:
                    break
                if limit is not None and _outgrows(run, limit, space):
                    break
                if all(uses.readers[t] and uses.last[t] < run.end for t in fed):
                    by_end[run.end] += _forms(run, space, limit)
        progress(start + 1, count)
    return by_end


def _forms(run: Run, space: Space, limit: int | None) -> Iterator[Candidate]:
    """One run of operators by rows, by rows and columns, and with operators that recompute."""
    yield run.by_rows
    if not space.columns or not run.by_columns:
        return
    yield run.by_columns
    # Whoever recomputes does so to get far below what is possible without.
    if space.recompute and (limit is None or run.by_columns.peak > limit // 4):
        yield from (changed for changed in run.recomputing() if changed.peak < run.by_columns.peak)


def _outgrows(run: Run, limit: int, space: Space) -> bool:
    """Whether what a run keeps for its readers alone takes more than `limit`; it only grows with more operators."""
    kept = run.kept(space.columns)
    if space.recompute and run.splits:
        kept = kept[:-MOST]  # so many may turn out not to be kept at all
    return sum(kept) > limit
