"""A lower bound for a plan's own order: the bytes of pixels that are live between two firings.

A pixel is all channels of one position. It is live when it has been computed, or has arrived, and the next thing that
happens to it is a read; one that is computed again before it is read is dead until then. All live pixels are in memory
at once at the boundary between two firings, so no allocator, ring or in-place trick can do with less while the plan's
steps are taken in this order. An operator that runs by itself is looked at between its rows.

The steps of a stage are an outer and an inner loop over ticks, and what a firing computes and reads is a rectangle. So
the pixels of a tensor fall, at each outer tick, into a few classes of outer positions (rows, mostly), each with one
profile over the inner steps (verify.plan.live): live bytes are a product of two small matrices. Of stages with very
many rows only some outer ticks are looked at: what is live at those is a lower bound, too.
"""

from dataclasses import dataclass

import numpy as np

from verify.graph.graph import Node
from verify.graph.plan import InputMode, Plan, Stage
from verify.graph.tensor import Axis, is_image
from verify.graph.window import Window
from verify.ops.regions import Region, scheduled, stage_regions
from verify.ops.streaming import output_rows
from verify.plan.live import CELLS, MOST_READERS, Reads, Tensor, Use, Writes, reads, writes
from verify.plan.uses import Uses

AXES = (Axis.HEIGHT, Axis.WIDTH)
MOST_CELLS = 1 << 23
"""Outer ticks times outer positions that are looked at for one tensor of a stage."""


def live_bytes_bound(uses: Uses, plan: Plan) -> int:
    """The largest number of live bytes at any boundary between two firings of a plan without faults of layout."""
    # Of a tensor that is kept for d frames, d - 1 earlier ones are live when a run begins. The oldest of them is left
    # out: its rows may be read for the last time while new ones are written.
    history = sum(max(0, kept - 2) * uses.size_bytes(t) for t, kept in uses.kept.items())
    order = _Order(uses, plan)
    most = sum(order.standing(t, -1) for t, written in order.written.items() if written < 0)  # before the first step
    for number in range(len(plan.stages)):
        most = max(most, _stage_peak(order, number))
    return history + most


@dataclass(frozen=True)
class _Operand:
    """What an operator of a stage reads of this frame, by windows along height and width (None: all of it)."""

    stage: int
    node: Node
    windows: dict[Axis, Window | None]


class _Order:
    """In which stage every tensor comes into being (-1: before them all), and in which ones it is read."""

    def __init__(self, uses: Uses, plan: Plan):
        self.uses, self.stages = uses, plan.stages
        self._steps: dict[int, _Steps] = {}
        self.nodes = [[uses.graph.by_index[firing.op] for firing in stage.firings] for stage in plan.stages]
        self.written = {} if plan.input_mode is InputMode.PATCHES else dict.fromkeys(uses.graph.inputs, -1)
        self.reads: dict[int, list[_Operand]] = {tensor: [] for tensor in uses.producer}
        self.kept = {t for t in uses.producer if t in uses.graph.outputs or uses.kept[t] > 1}
        for number, stage in enumerate(plan.stages):
            self.written |= dict.fromkeys((feed.tensor for feed in stage.feeds), number)
            for node in self.nodes[number]:
                self.written |= dict.fromkeys(node.outputs, number)
                self._add_reads(number, node)

    def _add_reads(self, number: int, node: Node) -> None:
        by_rows = node.op.row_wise and not node.slides_over_frames
        for operand, tensor in enumerate(node.inputs):
            if tensor in self.reads and not self.uses.is_late(node, operand):
                windows = {axis: self.uses.window(node, operand, axis) if by_rows else None for axis in AXES}
                self.reads[tensor].append(_Operand(number, node, windows))

    def extent(self, tensor: int, axis: Axis) -> int:
        """Rows, or columns of an image whose rows are rows to its producer, too; else a row is one position."""
        if axis is Axis.HEIGHT:
            return self.uses.rows(tensor)
        stored = self.uses.graph.tensors[tensor]
        return stored.shape[-2] if is_image(stored.shape) and stored.rows == self.uses.rows(tensor) else 1

    def pixel_bytes(self, tensor: int) -> int:
        return self.uses.row_bytes(tensor) // self.extent(tensor, Axis.WIDTH)

    def steps(self, number: int) -> "_Steps":
        if number not in self._steps:
            self._steps[number] = _Steps(self, number, self.stages[number])
        return self._steps[number]

    def reads_of(self, tensor: int, read: _Operand, axis: Axis) -> Reads:
        """When an operator reads the positions of a tensor, in its own stage."""
        regions = self.steps(read.stage).regions[axis][read.node.index]
        return reads(regions, read.windows[axis], self.extent(tensor, axis), _outputs(read.node, axis))

    def standing(self, tensor: int, stage: int) -> int:
        """Bytes of a tensor, written by now, that stages after `stage` read."""
        if tensor in self.kept:
            return self.uses.size_bytes(tensor)
        needed = np.zeros([self.extent(tensor, axis) for axis in AXES], bool)
        for read in self.reads[tensor]:
            if read.stage > stage:
                needed |= np.outer(*(self.reads_of(tensor, read, axis).last >= 0 for axis in AXES))
        return int(needed.sum()) * self.pixel_bytes(tensor)


def _outputs(node: Node, axis: Axis) -> int:
    if axis is Axis.HEIGHT:
        return output_rows(node)
    return node.output_shapes[0][-2] if is_image(node.output_shapes[0]) else 1


def _stage_peak(order: _Order, number: int) -> int:
    """The most live bytes at any boundary within a stage, or at its end."""
    steps = order.steps(number)
    base, counts, profiles = 0, [], []
    looked_at = _sample(steps.ticks[steps.outer], max(order.extent(t, steps.outer) for t in steps.touched))
    for tensor, written in order.written.items():
        if tensor not in steps.touched:
            base += order.standing(tensor, number) if written < number else 0
            continue
        for count, profile in steps.tensor(tensor).classes(looked_at, steps.slots):
            counts.append(count)
            profiles.append(profile * float(order.pixel_bytes(tensor)))
    if not counts:
        return base
    ticks = np.unique(np.stack(counts, axis=1), axis=0).astype(float)  # the ticks of a steady state are alike
    bytes_at = np.stack(profiles)
    block = max(1, CELLS // bytes_at.shape[1])
    return base + max(int((ticks[k : k + block] @ bytes_at).max()) for k in range(0, len(ticks), block))


def _sample(ticks: int, positions: int) -> np.ndarray:
    """All ticks, or as many of them, evenly from the first to the last, as can be looked at."""
    return np.unique(np.linspace(0, ticks - 1, min(ticks, max(16, MOST_CELLS // positions))).astype(np.int64))


class _Steps:
    """The steps of one stage: what its operators compute per tick of the outer and of the inner loop."""

    def __init__(self, order: _Order, number: int, stage: Stage):
        self.order, self.number, self.stage, self.nodes = order, number, stage, order.nodes[number]
        self.outer, self.inner = AXES if stage.axis is Axis.HEIGHT else AXES[::-1]
        self.slots = len(stage.feeds) + len(stage.firings)
        self.regions = {Axis.HEIGHT: self._rows(), Axis.WIDTH: self._columns()}
        self.ticks = {axis: len(next(iter(found.values()))) for axis, found in self.regions.items()}
        self.fed = {feed.tensor: feed for feed in stage.feeds}
        self.slot = {feed.tensor: slot for slot, feed in enumerate(stage.feeds)}
        for slot, node in enumerate(self.nodes, len(stage.feeds)):
            self.slot |= dict.fromkeys(node.outputs, slot)
        self.touched = {*self.slot} | {t for node in self.nodes for t in node.inputs if t in order.uses.producer}

    def _rows(self) -> dict[int, Region]:
        node = self.nodes[0]
        if self.stage.steps == len(self.nodes) == 1:  # an operator by itself is looked at between its rows
            rows = output_rows(node)
            step = [[y, y + 1] for y in range(rows)] if node.op.row_wise else [[0, rows]]
            return {node.index: np.array(step)}
        return stage_regions(self.order.uses.graph, self.stage, Axis.HEIGHT)

    def _columns(self) -> dict[int, Region]:
        if self.stage.columns == 1:
            return {node.index: np.array([[0, _outputs(node, Axis.WIDTH)]]) for node in self.nodes}
        return stage_regions(self.order.uses.graph, self.stage, Axis.WIDTH)

    def tensor(self, tensor: int) -> Tensor:
        outer, inner = (self._writes(tensor, axis) for axis in (self.outer, self.inner))
        return Tensor(self.slot.get(tensor), outer, inner, self._uses(tensor)[:MOST_READERS])

    def _writes(self, tensor: int, axis: Axis) -> Writes:
        total, ticks = self.order.extent(tensor, axis), self.ticks[axis]
        if tensor in self.fed and axis is Axis.HEIGHT:
            return writes(scheduled(self.fed[tensor].schedule, total, ticks), total)
        node = self.order.uses.node(tensor)
        if tensor not in self.slot or node is None:  # before the stage, or all columns of what arrives by rows
            return Writes(np.zeros(total, np.int64), np.tile([0, total], (ticks, 1)))
        firing = self.stage.firings[self.nodes.index(node)]
        if self._extent_differs(tensor, node, axis):  # other rows than its first result's: all at once, and late
            return Writes(np.full(total, ticks - 1), np.tile([0, total], (ticks, 1)))
        return writes(self.regions[axis][node.index], total, axis in firing.demand and ticks > 1)

    def _extent_differs(self, tensor: int, node: Node, axis: Axis) -> bool:
        computed = output_rows(node) if axis is Axis.HEIGHT else _outputs(node, axis)
        return computed != self.order.extent(tensor, axis)

    def _uses(self, tensor: int) -> list[Use]:
        """Readers of this stage and of later ones; outputs, and frames that are kept, are read after everything."""
        found = []
        if tensor in self.order.kept:
            found.append(Use(0, *(self._later(np.ones(self.order.extent(tensor, a), bool), a) for a in self._loops)))
        for read in self.order.reads[tensor]:
            if read.stage == self.number:
                slot = len(self.stage.feeds) + self.nodes.index(read.node)
                found.append(Use(slot, *(self.order.reads_of(tensor, read, axis) for axis in self._loops)))
            elif read.stage > self.number:
                ever = (self._later(self.order.reads_of(tensor, read, a).last >= 0, a) for a in self._loops)
                found.append(Use(0, *ever))
        return found

    @property
    def _loops(self) -> tuple[Axis, Axis]:
        return self.outer, self.inner

    def _later(self, read: np.ndarray, axis: Axis) -> Reads:
        return Reads(np.where(read, self.ticks[axis], -1))
