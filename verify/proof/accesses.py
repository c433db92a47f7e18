"""Who writes and reads each tensor of a plan, in which rows and columns, and at which place in time.

A **position** numbers the feeds and firings of all stages in order.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, Firing, Plan, Stage
from verify.graph.tensor import Axis, is_image
from verify.graph.window import Window
from verify.ops.regions import oldest_rows, schedule_of
from verify.ops.streaming import output_rows, written_rows
from verify.proof.progress import Progress, all_at_once, demanded, scheduled
from verify.proof.sizes import Sizes

BEFORE = -1
"""The position at which a network input that stands in memory comes into being."""


@dataclass(frozen=True)
class Place:
    """A point in a plan: stage (-1 is before the first), position over all stages."""

    stage: int
    position: int


@dataclass(frozen=True)
class Writer:
    """How a tensor comes into being: by rows and by columns. `node` and `firing` are None for a network input."""

    node: Node | None
    rows: Progress
    columns: Progress
    place: Place
    firing: Firing | None = None

    def along(self, axis: Axis) -> Progress:
        return self.rows if axis is Axis.HEIGHT else self.columns


@dataclass(frozen=True)
class Read:
    """One operand of one firing: what is read, when, and which rows and columns (a window of None: all of them)."""

    node: Node
    operand: int
    tensor: int
    rows: Progress
    columns: Progress
    place: Place
    window: Window | None
    column_window: Window | None
    delays: tuple[int, ...] = (0,)

    def along(self, axis: Axis) -> Progress:
        return self.rows if axis is Axis.HEIGHT else self.columns

    def window_along(self, axis: Axis) -> Window | None:
        return self.window if axis is Axis.HEIGHT else self.column_window


@dataclass(frozen=True)
class Lifetime:
    """Positions [first, last], both included."""

    first: int
    last: int


class Accesses:
    """Of a plan without faults (verify.proof.faults): spans of stages, progress of operators, writers, reads, sizes."""

    def __init__(self, graph: Graph, plan: Plan, sizes: Sizes):
        self.graph, self.plan, self.sizes, self.nodes = graph, plan, sizes, graph.by_index
        self.spans = self._stage_spans()
        self.buffers = {buffer.tensor: buffer for buffer in plan.buffers}
        self.progress = self._find_progress()
        self.writers = self._find_writers()
        self.reads = list(self._find_reads())
        self._oldest: dict[int, Mapping[int, np.ndarray]] = {}
        self._reads_of: dict[int, list[Read]] = {}
        for read in self.reads:
            self._reads_of.setdefault(read.tensor, []).append(read)

    def reads_of(self, tensor: int) -> list[Read]:
        return self._reads_of.get(tensor, [])

    def oldest(self, stage: int) -> Mapping[int, np.ndarray]:
        """Per operator and row tick of a stage, a row below which neither this tick nor a later one computes any."""
        if stage not in self._oldest:
            self._oldest[stage] = oldest_rows(self.graph, self.plan.stages[stage])
        return self._oldest[stage]

    def name(self, tensor: int) -> str:
        return f'tensor {tensor} "{self.graph.tensors[tensor].name}"'

    def reading(self, read: Read) -> str:
        """A read as the subject of an obligation."""
        return f"{read.node.label} reads {self.name(read.tensor)}"

    def rows(self, tensor: int) -> int:
        return written_rows(self.graph, tensor, self.writers[tensor].node)

    def width(self, tensor: int) -> int:
        """Columns of an image."""
        return self.graph.tensors[tensor].shape[-2]

    def row_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].size_bytes // self.rows(tensor)

    def pixel_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].shape[-1] * self.graph.tensors[tensor].dtype.size_bytes

    def size_bytes(self, buffer: Buffer) -> int:
        if buffer.tiled:
            return buffer.frames * buffer.slots(self.width(buffer.tensor)) * self.pixel_bytes(buffer.tensor)
        return buffer.frames * buffer.rows * self.row_bytes(buffer.tensor)

    def _stage_spans(self) -> list[Lifetime]:
        spans, start = [], 0
        for stage in self.plan.stages:
            end = start + len(stage.feeds) + len(stage.firings)
            spans.append(Lifetime(start, end - 1))
            start = end
        return spans

    def places(self) -> Iterator[tuple[Stage, Place, int]]:
        for number, stage in enumerate(self.plan.stages):
            for slot in range(len(stage.feeds) + len(stage.firings)):
                yield stage, Place(number, self.spans[number].first + slot), slot

    def _find_progress(self) -> dict[tuple[int, Axis], Progress]:
        """How every operator advances along each axis of its stage."""
        found: dict[tuple[int, Axis], Progress] = {}
        for stage in self.plan.stages:
            for axis in (Axis.HEIGHT, Axis.WIDTH):
                for firing in reversed(stage.firings):
                    found[firing.op, axis] = self._progress(firing, axis, stage, found)
        return found

    def _progress(self, firing: Firing, axis: Axis, stage: Stage, found: dict[tuple[int, Axis], Progress]) -> Progress:
        node = self.nodes[firing.op]
        if axis is Axis.WIDTH and not all(is_image(shape) for shape in node.output_shapes):
            return all_at_once(1)  # what has no columns is never split by them
        total = self.sizes.extent(node, axis)
        schedule = schedule_of(firing, axis)
        if axis not in firing.demand:
            return scheduled(schedule, total) if schedule else all_at_once(total)
        later = stage.firings[stage.firings.index(firing) + 1 :]
        readers = [
            (found[other.op, axis], window)
            for other in later
            for operand, tensor in enumerate(self.nodes[other.op].inputs)
            if tensor in node.outputs and (window := self.sizes.window(self.nodes[other.op], operand, axis)) is not None
        ]
        return demanded(f"{'r' if axis is Axis.HEIGHT else 'c'}{firing.op}", total, readers)

    def _find_writers(self) -> dict[int, Writer]:
        start = Place(-1, BEFORE)
        whole = {t: all_at_once(self.sizes.written(t, None)) for t in self.graph.inputs}
        writers = {t: Writer(None, whole[t], all_at_once(1), start) for t in self.graph.inputs}
        for stage, place, slot in self.places():
            if slot < len(stage.feeds):
                feed = stage.feeds[slot]
                rows = scheduled(feed.schedule, self.sizes.written(feed.tensor, None))
                writers[feed.tensor] = Writer(None, rows, all_at_once(1), place)
                continue
            firing = stage.firings[slot - len(stage.feeds)]
            node = self.nodes[firing.op]
            for tensor in node.outputs:
                rows, columns = self.progress[firing.op, Axis.HEIGHT], self.progress[firing.op, Axis.WIDTH]
                if written_rows(self.graph, tensor, node) != output_rows(node):
                    # Computed at once, in other rows than the first result's.
                    rows = scheduled(firing.schedule, self.sizes.written(tensor, node))
                writers[tensor] = Writer(node, rows, columns, place, firing)
        return writers

    def _find_reads(self) -> Iterator[Read]:
        for stage, place, slot in self.places():
            if slot < len(stage.feeds):
                continue
            firing = stage.firings[slot - len(stage.feeds)]
            node = self.nodes[firing.op]
            rows, columns = self.progress[firing.op, Axis.HEIGHT], self.progress[firing.op, Axis.WIDTH]
            for operand, tensor in enumerate(node.inputs):
                if self.graph.tensors[tensor].data is None:
                    window, wide = (self._window(node, operand, axis) for axis in (Axis.HEIGHT, Axis.WIDTH))
                    yield Read(node, operand, tensor, rows, columns, place, window, wide, node.delays_of(operand))

    def _window(self, node: Node, operand: int, axis: Axis) -> Window | None:
        if not node.op.row_wise or node.slides_over_frames:
            return None
        return self.sizes.window(node, operand, axis)
