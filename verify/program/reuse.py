"""Which rows must be computed when only rows [first, last) of a frame differ from the frame before.

Forward through the operators' windows: the rows of each tensor that the change may reach. Of the tensors whose frames
are kept, these are computed and the others copied from the frame before. Backward through the same windows: the rows of
everything else without which those cannot be computed. Both ends of every interval are monotone functions of one end
of the change alone, so two tables hold them all: the first row by `first`, the end by `last`.

The intervals are closed under need: an operator's rows read only rows that are in their tensor's interval, or copied.
What runs is therefore a part of the proved plan's work in the plan's own order. Claim C2 holds for it, because a needed
row is computed where the whole frame computes it; C3 and C4, because fewer writes overwrite nothing more; C1 for the
rows of the intervals.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from verify.graph.graph import Graph, Node
from verify.graph.plan import Plan, Policy, Schedule, Stage
from verify.graph.tensor import Axis
from verify.graph.window import Window
from verify.ops.streaming import edge_window, output_rows, written_rows
from verify.program.program import History, KeptRows, Reuse, StageReuse


class NoReuseError(Exception):
    """Rows of the frame before cannot be used again in this program; the message says why."""


@dataclass(frozen=True, eq=False)
class Interval:
    """Rows [first[a], last[b]) out of `rows`, for a change of the input's rows [a, b).

    Both arrays have one entry more than the input has rows. No change is a = the input's rows, b = 0: nothing.
    """

    first: np.ndarray
    last: np.ndarray
    rows: int

    @staticmethod
    def nothing(rows: int, input_rows: int) -> "Interval":
        return Interval(np.full(input_rows + 1, rows), np.zeros(input_rows + 1, int), rows)

    def hull(self, other: "Interval") -> "Interval":
        return Interval(np.minimum(self.first, other.first), np.maximum(self.last, other.last), self.rows)

    def all_or_nothing(self, rows: int) -> "Interval":
        """All of `rows` rows where this one is not empty."""
        return Interval(np.where(self.first < self.rows, 0, rows), np.where(self.last > 0, rows, 0), rows)


@dataclass(frozen=True, eq=False)
class Intervals:
    """All intervals of a program of one frame: of its input, by operator, and by tensor whose frames are kept."""

    input: Interval
    nodes: dict[int, Interval]
    kept: dict[int, Interval]


def intervals_of(graph: Graph) -> Intervals:
    """The intervals of a program of one frame.

    Raises:
      NoReuseError: it is no program of one frame, has several inputs, or its spatial part remembers frames.
    """
    if not graph.goes_on:
        raise NoReuseError("the model has no program of one frame: nothing is kept from frame to frame")
    if len(graph.inputs) != 1:
        raise NoReuseError(f"the model has {len(graph.inputs)} inputs; rows are reused where a frame is the only one")
    if not graph.frames_stand_alone():
        raise NoReuseError("what later frames need of a frame depends on earlier frames, or more of it is read later")
    edges = _Edges(graph)
    if any(t in node.outputs for node in edges.nodes for t in graph.outputs):
        raise NoReuseError("an output is part of what later frames need")
    changed = _changed(edges)
    return _needed(edges, changed)


class _Edges:
    """The operators whose results later frames need, and the windows through which they read."""

    def __init__(self, graph: Graph):
        self.graph, self.input = graph, graph.inputs[0]
        feeds = graph.feeds_later_frames()
        self.nodes = [node for node in graph.nodes if node.index in feeds]
        self.producer = graph.producers
        self.input_rows = self.rows(self.input)
        self.kept = [t for t in graph.tensors if graph.kept_frames(t) > 1]

    def rows(self, tensor: int) -> int:
        return written_rows(self.graph, tensor, self.producer.get(tensor))

    def reads(self, node: Node) -> Iterable[tuple[int, Window | None]]:
        """Tensors that are computed and that the node reads; None is for all their rows."""
        for operand, tensor in enumerate(node.inputs):
            if self.graph.tensors[tensor].data is None:
                window = edge_window(self.graph, node, operand, self.producer.get(tensor), Axis.HEIGHT)
                yield tensor, window if node.op.row_wise else None


def _changed(edges: _Edges) -> dict[int, Interval]:
    """Rows of each tensor that the change may reach."""
    every = np.arange(edges.input_rows + 1)
    changed = {edges.input: Interval(every, every, edges.input_rows)}
    for node in edges.nodes:
        rows = output_rows(node)
        found = Interval.nothing(rows, edges.input_rows)
        for tensor, window in edges.reads(node):
            found = found.hull(_reached(changed[tensor], window, rows))
        changed |= {t: found if edges.rows(t) == rows else found.all_or_nothing(edges.rows(t)) for t in node.outputs}
    return changed


def _reached(read: Interval, window: Window | None, rows: int) -> Interval:
    """Which of `rows` output rows read something of `read`."""
    if window is None:
        return read.all_or_nothing(rows)
    starts = np.array([window.start(y) for y in range(rows)])
    ends = np.array([window.end(y) for y in range(rows)])
    first = np.searchsorted(ends, read.first, "right")
    last = np.searchsorted(starts, read.last - 1, "right")
    return Interval(np.where(read.first < read.rows, first, rows), np.where(read.last > 0, last, 0), rows)


def _needed(edges: _Edges, changed: dict[int, Interval]) -> Intervals:
    """Rows to compute; of kept tensors those that changed, since the others are copied before anything is computed."""
    needed = {t: changed[t] for t in edges.kept}
    nodes: dict[int, Interval] = {}
    for node in reversed(edges.nodes):
        rows = output_rows(node)
        todo = Interval.nothing(rows, edges.input_rows)
        for tensor in node.outputs:
            found = needed.get(tensor, Interval.nothing(edges.rows(tensor), edges.input_rows))
            todo = todo.hull(found if found.rows == rows else found.all_or_nothing(rows))
        nodes[node.index] = todo = todo if node.op.row_wise else todo.all_or_nothing(rows)
        for tensor, window in edges.reads(node):
            if tensor not in edges.kept:
                found = _read(todo, window, edges.rows(tensor))
                needed[tensor] = needed[tensor].hull(found) if tensor in needed else found
    kept = {t: nodes[edges.producer[t].index] if t in edges.producer else needed[t] for t in edges.kept}
    kept = {t: i if i.rows == edges.rows(t) else i.all_or_nothing(edges.rows(t)) for t, i in kept.items()}
    return Intervals(needed.get(edges.input, Interval.nothing(edges.input_rows, edges.input_rows)), nodes, kept)


def _read(todo: Interval, window: Window | None, rows: int) -> Interval:
    """Rows of an operand that output rows `todo` read."""
    if window is None:
        return todo.all_or_nothing(rows)
    first = np.array([min(rows, max(0, window.start(y))) if y < todo.rows else rows for y in todo.first])
    last = np.array([min(rows, max(0, window.end(y - 1))) if y > 0 else 0 for y in todo.last])
    return Interval(first, last, rows)


class _Tables:
    """The distinct intervals as rows of two tables: most operators share theirs with others."""

    def __init__(self) -> None:
        self.first: list[tuple[int, ...]] = []
        self.last: list[tuple[int, ...]] = []

    def add(self, interval: Interval) -> int:
        """The row of the tables that holds this interval."""
        ends = tuple(map(int, interval.first)), tuple(map(int, interval.last))
        for row, known in enumerate(zip(self.first, self.last, strict=True)):
            if known == ends:
                return row
        self.first.append(ends[0])
        self.last.append(ends[1])
        return len(self.first) - 1


def reuse_of(graph: Graph, plan: Plan) -> Reuse:
    """What a program needs to compute partly changed frames.

    Raises:
      NoReuseError: as `intervals_of`, or the plan computes other pieces than whole rows, each once.
    """
    found, tables = intervals_of(graph), _Tables()
    buffers = {buffer.tensor: buffer for buffer in plan.buffers}
    nodes = {node.index: node for node in graph.nodes if node.index in found.nodes}
    split = any(buffers[t].tiled for node in nodes.values() for t in (*node.inputs, *node.outputs) if t in buffers)
    ours = [stage for stage in plan.stages if any(firing.op in nodes for firing in stage.firings)]
    if split or any(stage.columns > 1 or firing.demand for stage in ours for firing in stage.firings):
        raise NoReuseError(
            "the plan splits rows by columns or computes some again for their reader; "
            "plans by whole rows are made with python -m verify.plan --scheme stream"
        )
    kept = []
    for tensor, interval in found.kept.items():
        size, buffer = graph.tensors[tensor].size_bytes, buffers[tensor]
        history = History(tensor, buffer.offset, buffer.frames, size)
        kept.append(KeptRows(tables.add(interval), history, interval.rows, size // interval.rows))
    operators = tuple(sorted((index, tables.add(interval)) for index, interval in found.nodes.items()))
    external = buffers[graph.inputs[0]].policy is Policy.EXTERNAL
    row = None if external else tables.add(found.input)
    stages = tuple(_stage(graph, found, tables, stage) for stage in plan.stages)
    return Reuse(tuple(tables.first), tuple(tables.last), row, operators, tuple(kept), stages)


def _stage(graph: Graph, found: Intervals, tables: _Tables, stage: Stage) -> StageReuse:
    """Whether a stage computes anything that is reused, and the ticks in which it does."""
    ours = [firing for firing in stage.firings if firing.op in found.nodes]
    if not ours:
        return StageReuse(False, None)
    work = [(f.schedule, found.nodes[f.op]) for f in ours] + [(f.schedule, found.input) for f in stage.feeds]
    looped = stage.ticks > 1 or bool(stage.feeds)
    if not looped or len(ours) < len(stage.firings):
        return StageReuse(True, None)
    ticks = Interval.nothing(stage.ticks, graph.tensors[graph.inputs[0]].rows)
    for schedule, interval in work:
        ticks = ticks.hull(_ticks(schedule, interval, stage.ticks))
    return StageReuse(True, tables.add(ticks))


def _ticks(schedule: Schedule, interval: Interval, ticks: int) -> Interval:
    """The ticks in which these rows are computed."""
    frontiers = np.array([schedule.frontier(tick, interval.rows) for tick in range(ticks)])
    first = np.searchsorted(frontiers, interval.first, "right")  # the first tick after which row `first` is complete
    last = np.searchsorted(frontiers, interval.last - 1, "right") + 1
    return Interval(np.where(interval.first < interval.rows, first, ticks), np.where(interval.last > 0, last, 0), ticks)
