"""Runs a plan on identities in place of values: which byte of which tensor of which frame lies where in the arena.

A third opinion beside proof and replay. It knows neither solver nor arithmetic: a result is right when every byte that
its windows read is the byte that the model means, so one run decides for all inputs and all garbage. It takes the
operators' windows as facts (verify.ops), and derives everything else for itself. The loops are C (lineage.c), because
a network has some ten million such reads.

While an operator runs, what it reads must not be what it writes: kernels may write in any order. Only where it reads
element i before it writes element i (Kernel.in_place) may the two lie at exactly the same place. `hostile=False` leaves
that out, and is what the replay does, which reads everything before it writes.
"""

import ctypes
import functools
import math
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, Firing, InputMode, Plan, Policy, Stage
from verify.graph.tensor import Axis, is_image, row_count
from verify.graph.window import Window
from verify.ops.streaming import edge_window, written_rows
from verify.targets.choice import chosen

ROWS, TILE, PIXELS, OUTSIDE = range(4)
FULL = 2**40
"""Columns of a region: all of them."""
OPTIONS = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-pedantic", "-shared", "-fPIC"]


@dataclass(frozen=True)
class Lineage:
    """What a run of identities found: whether all outputs are the model's, and accesses beyond the arena."""

    right: bool
    outside: int

    @property
    def faulty(self) -> bool:
        return not self.right or self.outside > 0


class LineageError(Exception):
    """The plan cannot be run at all: an operator, a buffer or an input is missing, or one is there twice."""


def run_lineage(graph: Graph, plan: Plan, hostile: bool = True) -> Lineage:
    """Runs as many frames as it takes for every slot of every kept tensor to come round.

    Raises:
      LineageError: see there.
    """
    return _Machine(graph, plan, hostile).run()


@functools.cache
def library() -> ctypes.CDLL:
    """lineage.c, compiled."""
    with tempfile.TemporaryDirectory(prefix="stjax-lineage-") as folder:
        output = Path(folder) / "lineage.so"
        source = Path(__file__).with_name("lineage.c")
        subprocess.run(["gcc", *OPTIONS, str(source), "-o", str(output)], check=True)
        loaded = ctypes.CDLL(str(output))
    loaded.lineage_stage.restype = loaded.lineage_holds.restype = ctypes.c_int64
    return loaded


class _Machine:
    def __init__(self, graph: Graph, plan: Plan, hostile: bool):
        self.graph, self.plan, self.hostile = graph, plan, hostile
        self.nodes = {node.index: node for node in graph.nodes}
        self.producers = {t: node for node in graph.nodes for t in node.outputs}
        self.buffers = {buffer.tensor: buffer for buffer in plan.buffers}
        self.kernels = chosen(graph, plan.target)
        self._require_everything_once()
        self.tensors = {t: number for number, t in enumerate([*graph.inputs, *self.producers])}
        self.table, self.all = self._tensors()
        self.memory = np.zeros(max(1, plan.arena_bytes), np.int32)
        self.busy = np.zeros_like(self.memory)
        self.now = ctypes.c_int64(0)
        self.outside = 0

    def run(self) -> Lineage:
        frames = self._frames()
        assert (frames + 1) * self.all < 2**31, "identities of all frames fit int32"
        stages = [_tables(self, stage) for stage in self.plan.stages]
        for tensor in self.graph.fills:
            self._fill(tensor)
        right = True
        for frame in range(frames):
            self._stand(frame)
            for tables in stages:
                self._stage(tables, frame)
            if frame >= self.graph.warm_up:
                right &= all(self._holds(tensor, frame) for tensor in self.graph.outputs)
        return Lineage(right, self.outside)

    def _require_everything_once(self) -> None:
        fired = sorted(firing.op for stage in self.plan.stages for firing in stage.firings)
        held = sorted(buffer.tensor for buffer in self.plan.buffers)
        if fired != sorted(self.nodes):
            raise LineageError("the plan does not run every operator once")
        if held != sorted({*self.graph.inputs, *self.producers}):
            raise LineageError("the plan does not hold every tensor once")
        mode = self.plan.input_mode
        if mode is not InputMode.ROWS and any(stage.feeds for stage in self.plan.stages):
            raise LineageError("rows are fed, but none arrive")
        if any((self.buffers[t].policy is Policy.EXTERNAL) != (mode is InputMode.PATCHES) for t in self.graph.inputs):
            raise LineageError("an input is the caller's memory exactly where the plan's input is patches")

    def _frames(self) -> int:
        """Faults may pass from delay to delay, and slots come round after the least common multiple of their counts."""
        if self.graph.clip_frames == 1 and all(buffer.frames == 1 for buffer in self.plan.buffers):
            return 1
        delays = sum(max((max(d) for d in node.delays), default=0) for node in self.graph.nodes)
        return self.graph.warm_up + delays + 2 * math.lcm(*(buffer.frames for buffer in self.plan.buffers))

    def _tensors(self) -> tuple[np.ndarray, int]:
        """The table of tensors (lineage.c), and how many bytes one frame of all of them has."""
        table, first = [], 0
        for key in self.tensors:
            tensor, buffer = self.graph.tensors[key], self.buffers[key]
            rows, width, pixel = self.shape(key)
            kind = PIXELS if buffer.pixels else TILE if buffer.columns else ROWS
            kind = OUTSIDE if buffer.policy is Policy.EXTERNAL else kind
            kept = (max(1, buffer.rows), max(1, buffer.columns), max(1, buffer.pixels))
            frame_bytes = (buffer.pixels or kept[0] * (buffer.columns or width)) * pixel
            filled = int(key in self.graph.fills)
            table.append([first, buffer.offset, rows, width, pixel, kind, *kept, buffer.frames, frame_bytes, filled])
            first += tensor.size_bytes
        return np.array(table, np.int64), first

    def shape(self, key: int) -> tuple[int, int, int]:
        """Rows, columns and bytes of a pixel; what is no image has one column."""
        tensor = self.graph.tensors[key]
        rows = written_rows(self.graph, key, self.producers.get(key))
        if is_image(tensor.shape) and tensor.shape[1] == rows:
            return rows, tensor.shape[2], tensor.shape[3] * tensor.dtype.size_bytes
        return rows, 1, tensor.size_bytes // rows

    def _fill(self, key: int) -> None:
        """All kept frames of a tensor, as frames before the first one."""
        buffer: Buffer = self.buffers[key]
        size = self.graph.tensors[key].size_bytes
        ids = -(1 + int(self.table[self.tensors[key], 0]) + np.arange(size, dtype=np.int32))
        for frame in range(buffer.frames):
            self._put(buffer.offset + frame * size, ids)

    def _stand(self, frame: int) -> None:
        """Network inputs that are not fed stand whole before the first stage."""
        fed = {feed.tensor for stage in self.plan.stages for feed in stage.feeds}
        for key in self.graph.inputs:
            buffer = self.buffers[key]
            if key not in fed and buffer.policy is not Policy.EXTERNAL:
                size = self.graph.tensors[key].size_bytes
                first = 1 + frame * self.all + int(self.table[self.tensors[key], 0])
                self._put(buffer.offset + frame % buffer.frames * size, first + np.arange(size, dtype=np.int32))

    def _put(self, offset: int, ids: np.ndarray) -> None:
        room = max(0, self.plan.arena_bytes - offset)
        self.outside += int(len(ids) > room)
        self.memory[offset : offset + min(len(ids), room)] = ids[:room]

    def _stage(self, tables: "_Tables", frame: int) -> None:
        stage = tables.stage
        found = library().lineage_stage(
            *map(_pointer, (self.table, tables.operands, tables.results, tables.firings)),
            ctypes.c_int64(len(tables.firings)),
            *map(_pointer, (tables.rows, tables.columns)),
            *map(ctypes.c_int64, (stage.ticks, stage.columns, stage.axis is Axis.WIDTH, self.hostile)),
            *map(_pointer, (self.memory, self.busy)),
            *map(ctypes.c_int64, (self.plan.arena_bytes, self.all, frame)),
            ctypes.byref(self.now),
            ctypes.c_int64(int((self.table[:, 2] * self.table[:, 3]).max())),
        )
        if found < 0:
            raise MemoryError("no memory for the run of identities")
        self.outside += found

    def _holds(self, key: int, frame: int) -> bool:
        row = self.table[self.tensors[key]].copy()
        numbers = map(ctypes.c_int64, (self.plan.arena_bytes, self.all, frame))
        return bool(library().lineage_holds(_pointer(row), _pointer(self.memory), *numbers))


@dataclass(frozen=True, eq=False)
class _Tables:
    """One stage, as lineage.c takes it."""

    stage: Stage
    operands: np.ndarray
    results: np.ndarray
    firings: np.ndarray
    rows: np.ndarray
    columns: np.ndarray


def _tables(machine: _Machine, stage: Stage) -> _Tables:
    rows, columns = _regions(machine, stage, Axis.HEIGHT), _regions(machine, stage, Axis.WIDTH)
    operands: list[list[int]] = []
    results: list[list[int]] = []
    firings: list[list[int]] = []
    row_list: list[np.ndarray] = []
    column_list: list[np.ndarray] = []

    def add(first_operand: int, made: list[list[int]], high: np.ndarray, wide: np.ndarray, feed: bool) -> None:
        places = sum(map(len, row_list)), sum(map(len, column_list))
        start = len(results)
        results.extend(made)
        firings.append([first_operand, len(operands), start, len(results), *places, int(feed)])
        row_list.append(high)
        column_list.append(wide)

    for feed in stage.feeds:
        total = machine.graph.tensors[feed.tensor].rows
        high = _intervals([feed.schedule.frontier(n, total) for n in range(-1, stage.ticks)])
        add(len(operands), [[machine.tensors[feed.tensor], 0]], high, np.tile([0, FULL], (stage.columns, 1)), True)
    for firing in stage.firings:
        node, first = machine.nodes[firing.op], len(operands)
        operands.extend(_operands(machine, node))
        height, outputs = row_count(node.output_shapes[0]), (node.outputs, node.output_shapes)
        made = [[machine.tensors[t], int(row_count(s) != height)] for t, s in zip(*outputs, strict=True)]
        add(first, made, rows[firing.op], columns[firing.op], False)
    return _Tables(
        stage,
        _matrix(operands, 15),
        _matrix(results, 2),
        _matrix(firings, 7),
        np.concatenate(row_list).astype(np.int64),
        np.concatenate(column_list).astype(np.int64),
    )


def _matrix(rows: list[list[int]], columns: int) -> np.ndarray:
    return np.array(rows, np.int64).reshape(-1, columns)


def _operands(machine: _Machine, node: Node) -> list[list[int]]:
    found = []
    for position, key in enumerate(node.inputs):
        if machine.graph.tensors[key].data is not None:
            continue
        delays, exact = node.delays_of(position), int(position in machine.kernels[node.index].in_place(node))
        if node.slides_over_frames:
            window = node.op.window(position, Axis.HEIGHT)
            assert window is not None, "only windows slide over frames"
            found.append([machine.tensors[key], delays[0], exact, window.kernel, window.dilation, *_taps(None) * 2])
            continue
        high = edge_window(machine.graph, node, position, machine.producers.get(key), Axis.HEIGHT)
        high = high if node.op.row_wise else None
        wide = None
        if high is not None and node.op.tile_wise:
            wide = edge_window(machine.graph, node, position, machine.producers.get(key), Axis.WIDTH)
        found.append([machine.tensors[key], delays[0], exact, 0, 0, *_taps(high), *_taps(wide)])
    return found


def _taps(window: Window | None) -> list[int]:
    if window is None:
        return [0, 1, 1, 0, 1]
    return [window.kernel, window.stride, window.dilation, window.pad_before, window.upsample]


def _intervals(complete: list[int]) -> np.ndarray:
    return np.stack([complete[:-1], complete[1:]], axis=1)


def _regions(machine: _Machine, stage: Stage, axis: Axis) -> dict[int, np.ndarray]:
    """Per operator, the interval of result rows (columns) at each tick."""
    ticks = stage.ticks if axis is Axis.HEIGHT else stage.columns
    found: dict[int, np.ndarray] = {}
    for place in reversed(range(len(stage.firings))):
        firing: Firing = stage.firings[place]
        node = machine.nodes[firing.op]
        schedule = firing.schedule if axis is Axis.HEIGHT else firing.columns
        rows, width, _ = machine.shape(node.outputs[0])
        total = row_count(node.output_shapes[0]) if axis is Axis.HEIGHT else width
        if axis in firing.demand:
            found[firing.op] = _demanded(machine, stage, place, axis, total, found)
        elif axis is Axis.WIDTH and (schedule is None or stage.columns == 1):
            found[firing.op] = np.tile([0, FULL], (ticks, 1))
        else:
            assert schedule is not None, "rows have a schedule"
            found[firing.op] = _intervals([schedule.frontier(n, total) for n in range(-1, ticks)])
    return found


def _demanded(
    machine: _Machine, stage: Stage, place: int, axis: Axis, total: int, found: dict[int, np.ndarray]
) -> np.ndarray:
    """At each tick, the hull of what the readers compute from, position by position."""
    made = machine.nodes[stage.firings[place].op]
    ticks = stage.ticks if axis is Axis.HEIGHT else stage.columns
    hull = np.tile([total, 0], (ticks, 1))
    for later in stage.firings[place + 1 :]:
        reader = machine.nodes[later.op]
        for position, key in enumerate(reader.inputs):
            window = edge_window(machine.graph, reader, position, made, axis) if key in made.outputs else None
            if window is None:
                continue
            for n, (low, high) in enumerate(found[later.op]):
                for y in (low, min(high, 2**20) - 1) if low < high else ():
                    first = window.start(int(y))
                    hull[n] = min(hull[n][0], max(0, first)), max(hull[n][1], min(total, first + window.reach))
    return hull


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)
