"""The search: where to cut the network into stages so that the largest stage is as small as possible.

Each candidate stage is a run of consecutive operators. The peak of a plan is the largest of its stages' peaks, so the
best cuts are a bottleneck shortest path over the legal runs. Among all plans with that peak, the one that fuses the
fewest operators is taken: whole layers have the longest inner loops.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from verify.graph.accounting import align
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.plan.build import build
from verify.plan.stages import ALL_AT_ONCE, Draft, Uses, delay_sources, grow, single, taken_over, whole_tensors

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


def make_plan(
    graph: Graph,
    scheme: str = "auto",
    mode: InputMode = InputMode.ROWS,
    sram: int | None = None,
    flash: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    time_step: int = 1,
) -> Plan:
    """The plan of least SRAM in `scheme`: "layer" (one operator at a time), "stream" (rows), "auto" (the smaller one).

    No scheme recomputes anything. `sram` and `flash` are recorded as budgets; whether they are met is for the checker.
    `time_step` is for programs per frame: what later frames do not need is computed at every so many frames.

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
    stream = built(_best_stages(uses, _candidates(uses, mode, progress, time_step)), "stream")
    return stream if scheme == "stream" or stream.arena_bytes < layer.arena_bytes else layer


def _candidates(
    uses: Uses, mode: InputMode, progress: Callable[[int, int], None], time_step: int
) -> list[list[Candidate]]:
    """All candidates, grouped by where they end."""
    count = len(uses.graph.nodes)
    # What may be left out of a frame is not fused with what may not.
    fed_later = uses.graph.feeds_later_frames() if time_step > 1 else set()
    needed = [node.index in fed_later for node in uses.graph.nodes]
    by_end: list[list[Candidate]] = [[] for _ in range(count + 1)]
    standing = _Standing(uses, mode)
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
                    by_end[draft.end].append(Candidate(start, draft.end, True, fed, standing.peak(draft)))
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


class _Standing:
    """Bytes of tensors that stand whole in memory while a stage runs."""

    def __init__(self, uses: Uses, mode: InputMode):
        self.uses = uses
        outside = set(uses.graph.inputs) if mode is InputMode.PATCHES else set()
        self.history = sum(align(uses.kept[t] * uses.size_bytes(t)) for t in uses.producer if uses.kept[t] > 1)
        self.counted = [t for t in uses.producer if t not in outside and uses.kept[t] == 1]
        end = len(uses.graph.nodes)
        self.before = [0] * (end + 1)  # bytes made before node k and still needed by it or later
        for tensor in self.counted:
            for number in range(uses.producer[tensor] + 1, min(uses.last[tensor] + 1, end)):
                self.before[number] += align(uses.size_bytes(tensor))

    def peak(self, draft: Draft) -> int:
        uses = self.uses
        standing = self.history + self.before[draft.start] - sum(align(uses.size_bytes(t)) for t in draft.fed)
        whole = [t for t in whole_tensors(uses, draft) if uses.kept[t] == 1]
        if draft.schedules[0].rate == ALL_AT_ONCE:
            over = taken_over(uses, draft.start)
            saved = align(uses.size_bytes(over)) if over is not None and over in self.counted else 0
            return standing + sum(align(uses.size_bytes(t)) for t in whole) - saved
        standing += sum(align(uses.size_bytes(t)) for t in whole)
        kept = set(whole) | {t for t in draft.rings if uses.kept[t] > 1}
        transient = [0] * (len(draft.schedules) + 1)  # extra bytes while each operator of a tick runs
        for tensor, ring in draft.rings.items():
            if tensor in kept:
                continue
            size = align(ring.rows * uses.row_bytes(tensor))
            if ring.carry:
                standing += size
            else:
                first = max(0, uses.producer[tensor] - draft.start)
                for slot in range(first, max(first, uses.last[tensor] - draft.start) + 1):
                    transient[slot] += size
        return standing + max(transient)


def _best_stages(uses: Uses, by_end: list[list[Candidate]]) -> list[Draft]:
    count = len(uses.graph.nodes)
    bottleneck = [0] + [-1] * count
    for end in range(1, count + 1):
        bottleneck[end] = min(max(bottleneck[c.start], c.peak) for c in by_end[end])
    limit = bottleneck[count]
    fused: list[tuple[int, Candidate | None]] = [(0, None)]
    for end in range(1, count + 1):
        choices = [(_fusion(c) + fused[c.start][0], c) for c in by_end[end] if c.peak <= limit]
        best = min(choices, key=lambda choice: (choice[0], choice[1].peak), default=(10**9, None))
        fused.append(best)
    chosen, end = [], count
    while end:
        candidate = fused[end][1]
        assert candidate is not None, "the bottleneck path itself is within the limit"
        chosen.append(candidate)
        end = candidate.start
    return [_redraft(uses, candidate) for candidate in reversed(chosen)]


def _fusion(candidate: Candidate) -> int:
    return candidate.end - candidate.start if candidate.streamed else 0


def _redraft(uses: Uses, candidate: Candidate) -> Draft:
    if not candidate.streamed:
        return single(uses, candidate.start)
    for draft in grow(uses, candidate.start, candidate.fed):
        if draft.end == candidate.end:
            return delay_sources(uses, draft)
    raise AssertionError("a candidate grows again to its end")
