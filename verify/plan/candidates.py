"""Every legal stage of a network with what it takes: bytes alive while it runs, and MACs done twice."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from verify.plan.alike import Found, Starts
from verify.plan.forms.recomputing import MOST
from verify.plan.runs import ROW_BY_ROW, Candidate, Pace, Run, Runs
from verify.plan.uses import Uses

MAX_RUN = 256
"""Longest run of operators tried as one stage, so that the search stays quadratic on very deep networks."""

BANDS = (2, 3, 4, 5, 6, 8, 12, 16)
"""Rows that are computed at once where rows of operands are computed again."""

BANDED = 24
"""Operators of a stage fed by rows of which one may begin to compute several at once."""

FIRST_RUN = 12
"""Longest run in a first, quick search, whose result cuts the second one short."""


@dataclass(frozen=True)
class Space:
    """What the search may use: stages split by columns, and operators that compute rows again, for at most `extra`
    MACs; no stage over node `cut`, and none that fills more than `limit` bytes, if that is given."""

    columns: bool = True
    recompute: bool = False
    cut: int = 0
    extra: float = math.inf
    limit: int | None = None


F = TypeVar("F", bound=Found)

ByEnd = list[list[Candidate]]
"""All candidates, grouped by where they end."""

Known = Mapping[int, list[Candidate]]
"""All candidates from some starts, which need not be looked for."""

NOTHING: Mapping[int, Any] = {}


def candidates(
    runs: Runs, time_step: int, space: Space, progress: Callable[[int, int], None], known: Known = NOTHING
) -> ByEnd:
    """The stages worth considering: those that fill no more memory than the best plan of short stages."""
    limit = space.limit
    if limit is None:
        quick = _enumerate(runs, time_step, replace(space, recompute=False), FIRST_RUN, None, lambda done, total: None)
        limit = least_peak(quick)
    return _enumerate(runs, time_step, space, MAX_RUN, limit, progress, known)


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
    runs: Runs,
    time_step: int,
    space: Space,
    longest: int,
    limit: int | None,
    progress: Callable[[int, int], None],
    known: Known = NOTHING,
) -> ByEnd:
    needed = every_frame(runs.uses, time_step)

    def found(start: int) -> tuple[list[Candidate], int]:
        return _from(runs, start, needed, space, longest, limit)

    return from_every_start(runs, needed, space.cut, found, progress, known)


def from_every_start(
    runs: Runs,
    needed: Sequence[bool],
    cut: int,
    find: Callable[[int], tuple[list[F], int]],
    progress: Callable[[int, int], None],
    known: Mapping[int, list[F]] = NOTHING,
) -> list[list[F]]:
    """All stages, grouped by where they end.

    `find` gives those from a start on, and the end of the operators that it looked at; where an earlier start looks
    alike as far as that, it is not asked again, nor where they are `known`. `needed`: see `every_frame`; `cut`: see
    `Space`.
    """
    count = len(runs.uses.graph.nodes)
    kinds = [(kind, needed[number], number < cut) for number, kind in enumerate(runs.kinds)]
    starts = Starts[list[F]](kinds, runs.standing.before)
    by_end: list[list[F]] = [[] for _ in range(count + 1)]
    for start in range(count):
        if start in known:
            stages = known[start]
        elif (earlier := starts.earlier(start)) is not None:
            stages = [stage.moved(runs.uses, start) for stage in earlier]
        else:
            stages, end = find(start)
            starts.keep(start, end, stages)
        for stage in stages:
            by_end[stage.end].append(stage)
        progress(start + 1, count)
    return by_end


def _from(
    runs: Runs, start: int, needed: Sequence[bool], space: Space, longest: int, limit: int | None
) -> tuple[list[Candidate], int]:
    """All stages from `start` on, and the end of the operators that were looked at."""
    uses, found, end = runs.uses, [runs.layer(start)], start + 1
    for fed in runs.feedable(start):
        room = None if limit is None else limit - runs.standing.floor(start, fed)
        for pace in _paces(uses, start, fed, space):
            for run in runs.of(start, fed, pace):
                end = max(end, run.end + 1)
                if run.end - start > longest or needed[run.end - 1] != needed[start]:
                    break
                if start < space.cut < run.end or pace != ROW_BY_ROW and not run.splits:
                    break
                if room is not None and _outgrows(run, room, space):
                    break
                if run.end > pace.number and all(uses.readers[t] and uses.last[t] < run.end for t in fed):
                    found += _forms(run, pace, space, limit)
    return found, end


def _paces(uses: Uses, start: int, fed: tuple[int, ...], space: Space) -> Iterator[Pace]:
    """Row by row, and where operators may recompute also by bands: of all operators of a stage whose operands stand
    whole, and where rows arrive, of those from a window on, so that what comes before is kept row by row."""
    yield ROW_BY_ROW
    if not space.recompute or not space.columns:
        return
    if not fed:
        yield from map(Pace, BANDS)
        return
    for number, node in enumerate(uses.graph.nodes[start + 1 : start + BANDED], start + 1):
        windows = [uses.window(node, k) for k, t in enumerate(node.inputs) if t in uses.producer]
        if any(window is not None and window.reach > 1 for window in windows):
            yield from (Pace(1, number, grain) for grain in BANDS)


def _forms(run: Run, pace: Pace, space: Space, limit: int | None) -> Iterator[Candidate]:
    """One run of operators by rows, by rows and columns, and with operators that recompute; by bands, only these."""
    if pace == ROW_BY_ROW:
        yield run.by_rows
        if not space.columns or not run.by_columns:
            return
        yield run.by_columns
    # Whoever recomputes does so to get far below what is possible without.
    split = run.by_columns
    if space.recompute and split and (limit is None or split.peak > limit // 4):
        most = split.peak if limit is None else min(limit, split.peak)
        yield from (changed for changed in run.recomputing(space.extra) if changed.peak < most)


def _outgrows(run: Run, room: int, space: Space) -> bool:
    """Whether what a run keeps for its readers alone takes more than `room`; it only grows with more operators."""
    kept = run.kept(space.columns)
    if space.recompute and run.splits:
        kept = kept[:-MOST]  # so many may turn out not to be kept at all
    return sum(kept) > room
