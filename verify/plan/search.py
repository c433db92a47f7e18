"""The search: where to cut the network into stages so that the largest stage is as small as possible.

Each candidate stage is a run of consecutive operators. The peak of a plan is the largest of its stages' peaks, so the
best cuts are a bottleneck shortest path over the legal runs. Among all plans with that peak, the one that fuses the
fewest operators is taken: whole layers have the longest inner loops.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.plan.build import build
from verify.plan.load import Standing
from verify.plan.stages import Draft, Uses, delay_sources, grow, single

SCHEMES = ("layer", "stream", "auto")
MAX_RUN = 256
"""Longest run of operators tried as one stage, so that the search stays quadratic on very deep networks."""


class PlanningError(Exception):
    """No plan of the kind that was asked for exists; the message says why, and what would do."""


@dataclass(frozen=True)
class Candidate:
    """A legal stage over nodes [start, end) and the bytes that are alive while it runs."""

    start: int
    end: int
    streamed: bool
    fed: tuple[int, ...]
    peak: int
    columns: bool = False


def make_plan(
    graph: Graph,
    scheme: str = "auto",
    mode: InputMode = InputMode.ROWS,
    sram: int | None = None,
    flash: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    time_step: int = 1,
) -> Plan:
    """The plan of least SRAM in `scheme`.

    "layer": one operator at a time; "stream": stages by whole rows; "auto": stages by rows or by rows and columns,
    unless a layer at a time needs no more. None of these recomputes anything. `sram` and `flash` are recorded as
    budgets; whether they are met is for the checker. `time_step` is for programs per frame: what later frames do not
    need is computed at every so many frames.

    Raises:
      PlanningError: the frames of an input are needed later, but the input stays with the caller.
    """
    uses = Uses(graph)
    if mode is InputMode.PATCHES and any(uses.kept[tensor] > 1 for tensor in graph.inputs):
        raise PlanningError("the model reads earlier frames of its input, so they cannot stay with the caller")

    def built(drafts: list[Draft], name: str) -> Plan:
        return replace(build(uses, drafts, mode, name), sram_budget=sram, flash_budget=flash, time_step=time_step)

    layer = built([single(uses, k) for k in range(len(graph.nodes))], "layer")
    if scheme == "layer":
        return layer
    by_end = _candidates(uses, mode, progress, time_step, scheme != "stream")
    plans = [built(drafts, scheme) for drafts in _selections(uses, by_end)]
    stream = min(plans, key=lambda plan: plan.arena_bytes)
    return stream if scheme == "stream" or stream.arena_bytes < layer.arena_bytes else layer


def _candidates(
    uses: Uses, mode: InputMode, progress: Callable[[int, int], None], time_step: int, columns: bool
) -> list[list[Candidate]]:
    """All candidates, grouped by where they end."""
    count = len(uses.graph.nodes)
    # What may be left out of a frame is not fused with what may not.
    fed_later = uses.graph.feeds_later_frames() if time_step > 1 else set()
    needed = [node.index in fed_later for node in uses.graph.nodes]
    by_end: list[list[Candidate]] = [[] for _ in range(count + 1)]
    standing = Standing(uses, mode)
    for start in range(count):
        layer = single(uses, start)
        by_end[start + 1].append(Candidate(start, start + 1, False, (), standing.peak(layer)))
        for fed in _feedable(uses, start, mode):
            for draft in grow(uses, start, fed):
                if draft.end - start > MAX_RUN or needed[draft.end - 1] != needed[start]:
                    break
                if all(
                    uses.readers[t] and uses.readers[t][-1] < draft.end and t not in uses.graph.outputs for t in fed
                ):
                    by_rows = replace(draft, columns=None)
                    by_end[draft.end].append(Candidate(start, draft.end, True, fed, standing.peak(by_rows)))
                    if columns and draft.columns:
                        peak = standing.peak(draft)
                        by_end[draft.end].append(Candidate(start, draft.end, True, fed, peak, columns=True))
        progress(start + 1, count)
    return by_end


def _feedable(uses: Uses, start: int, mode: InputMode) -> list[tuple[int, ...]]:
    """Which inputs may arrive by rows in a stage from `start`: none, or in the first stage the largest one."""
    choices: list[tuple[int, ...]] = [()]
    if start == 0 and mode is InputMode.ROWS:
        largest = max(uses.graph.inputs, key=uses.size_bytes)
        if uses.rows(largest) > 1 and uses.kept[largest] == 1:
            choices.append((largest,))
    return choices


def _selections(uses: Uses, by_end: list[list[Candidate]]) -> Iterator[list[Draft]]:
    """Ways through the network whose stages all stay within the least peak possible.

    First the one that fuses the fewest operators; then, should its buffers not pack tightly, those that also keep away
    from the limit, more and more so.
    """
    limit = _least_peak(by_end)
    for weight in (0, 0.25, 1, 4, 16):
        yield [_redraft(uses, c) for c in _cheapest(by_end, limit, weight)]


def _least_peak(by_end: list[list[Candidate]]) -> int:
    bottleneck = [0] * len(by_end)
    for end in range(1, len(by_end)):
        bottleneck[end] = min(max(bottleneck[c.start], c.peak) for c in by_end[end])
    return bottleneck[-1]


def _cheapest(by_end: list[list[Candidate]], limit: int, weight: float) -> list[Candidate]:
    """The run of candidates with the least fusion; `weight` fused operators outweigh a stage as full as the limit."""

    count = len(by_end)
    feeds = any(c.fed for candidates in by_end for c in candidates)

    def price(candidate: Candidate) -> float:
        # An input that can arrive by rows stands whole only where that takes less.
        stands = count * 4 if feeds and candidate.start == 0 and not candidate.fed else 0
        return _fusion(candidate) + stands + weight * (candidate.peak / limit) ** 8

    best: list[tuple[float, int, Candidate | None]] = [(0, 0, None)]
    for end in range(1, len(by_end)):
        choices = [(price(c) + best[c.start][0], c.peak, c) for c in by_end[end] if c.peak <= limit]
        best.append(min(choices, key=lambda choice: choice[:2], default=(math.inf, 0, None)))
    chosen, end = [], len(by_end) - 1
    while end:
        candidate = best[end][2]
        assert candidate is not None, "the bottleneck path itself is within the limit"
        chosen.append(candidate)
        end = candidate.start
    return chosen[::-1]


def _fusion(candidate: Candidate) -> int:
    """Operators fused; calls for single pixels cost more than calls for rows."""
    return (candidate.end - candidate.start) * (4 if candidate.columns else 1) if candidate.streamed else 0


def _redraft(uses: Uses, candidate: Candidate) -> Draft:
    if not candidate.streamed:
        return single(uses, candidate.start)
    for draft in grow(uses, candidate.start, candidate.fed):
        if draft.end == candidate.end:
            return delay_sources(uses, draft if candidate.columns else replace(draft, columns=None))
    raise AssertionError("a candidate grows again to its end")
