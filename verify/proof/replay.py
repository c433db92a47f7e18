"""Runs a plan on the operators' reference kernels over memory full of garbage: the check that needs no solver.

Every firing sees its operands as the arena holds them at that moment, garbage where rows are missing, and the
references pick rows by their own index arithmetic. A wrong plan shows as outputs that change with the garbage.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from verify.graph.graph import Graph, Node
from verify.graph.plan import Feed, Plan, Policy, Stage
from verify.graph.tensor import Axis, row_count
from verify.ops.regions import stage_regions
from verify.proof.layout import Layout


class ReplayError(Exception):
    """The plan cannot even be run: a buffer leaves the arena or keeps too much, or the plan does not fit the model."""


def replay(graph: Graph, plan: Plan, inputs: Sequence[np.ndarray], seed: int = 0) -> list[np.ndarray]:
    """The outputs, in the model's declared shapes, of running `plan` on garbage-filled memory.

    Args:
      graph: the model.
      plan: the plan; need not be proved.
      inputs: one array per network input, in the model's declared shapes and dtypes.
      seed: of the garbage.

    Raises:
      ReplayError: see there.
    """
    return replay_frames(graph, plan, [inputs], seed)[0]


def replay_frames(
    graph: Graph, plan: Plan, frames: Sequence[Sequence[np.ndarray]], seed: int = 0
) -> list[list[np.ndarray]]:
    """The same for a plan per frame: runs frame after frame on one memory; outputs per frame, warming up included."""
    layout = Layout(graph, plan)
    if layout.faults:
        raise ReplayError(f"{layout.faults[0].subject}: {layout.faults[0].text}")
    memory = _Memory(layout, seed)
    results = []
    for inputs in frames:
        memory.begin(inputs)
        for stage in plan.stages:
            memory.run(stage)
        outputs = zip(graph.outputs, graph.output_shapes, strict=True)
        results.append([memory.output(tensor, shape) for tensor, shape in outputs])
    return results


class _Memory:
    """The arena during a replay, with the network inputs beside it."""

    def __init__(self, layout: Layout, seed: int):
        self.layout, self.graph = layout, layout.graph
        self.arena = np.random.default_rng(seed).integers(0, 256, layout.plan.arena_bytes, np.uint8)
        self.frame = -1
        for tensor, value in self.graph.fills.items():
            self._region(tensor)[...] = value & 0xFF

    def begin(self, inputs: Sequence[np.ndarray]) -> None:
        """Starts the next frame."""
        self.frame += 1
        self.frames = {
            tensor: np.ascontiguousarray(array).view(np.uint8).reshape(self.layout.rows(tensor), -1)
            for tensor, array in zip(self.graph.inputs, inputs, strict=True)
        }
        fed = {feed.tensor for stage in self.layout.plan.stages for feed in stage.feeds}
        for tensor in self.graph.inputs:
            if tensor not in fed and self.layout.buffers[tensor].policy is not Policy.EXTERNAL:
                self._write(tensor, range(self.layout.rows(tensor)), self.frames[tensor])

    def run(self, stage: Stage) -> None:
        rows = stage_regions(self.graph, stage, Axis.HEIGHT)
        split = {f.op for f in stage.firings if f.columns or Axis.WIDTH in f.demand}
        columns = stage_regions(self.graph, stage, Axis.WIDTH) if split else {}
        steps = itertools.product(range(stage.ticks), range(stage.columns))
        if stage.axis is Axis.WIDTH:
            steps = ((n, m) for m in range(stage.columns) for n in range(stage.ticks))
        for n, m in steps:
            for feed in stage.feeds if m == 0 else ():
                self.feed(feed, n)
            for firing in stage.firings:
                node = self.layout.nodes[firing.op]
                wide = range(*columns[firing.op][m]) if firing.op in split else None
                self.fire(node, range(*rows[firing.op][n]), wide)

    def feed(self, feed: Feed, tick: int) -> None:
        total = self.layout.rows(feed.tensor)
        rows = range(feed.schedule.frontier(tick - 1, total), feed.schedule.frontier(tick, total))
        self._write(feed.tensor, rows, self.frames[feed.tensor][rows.start : rows.stop])

    def fire(self, node: Node, rows: range, columns: range | None) -> None:
        """One firing's region; references compute whole rows, of which the columns of the region are kept."""
        if not rows or (columns is not None and not columns):
            return
        if node.slides_over_frames:
            history = self.layout.buffers[node.inputs[0]]
            first, walked = (self.frame + 1) % history.frames, node.delays_of(0)[0] + 1
            if first >= walked or history.policy is not Policy.WHOLE:
                text = f"{node.label} walks over {walked} whole frames; the plan keeps others of its operand"
                raise ReplayError(text)
            (values,) = node.op.reference([self._frames_view(node)], range(first, first + 1))
            self._write(node.outputs[0], rows, np.ascontiguousarray(values).view(np.uint8).reshape(1, -1))
            return
        operands = [self._view(node, operand) for operand in range(len(node.inputs))]
        # An operator that is not row-wise computes all rows of all outputs at once, whatever their number.
        for tensor, shape, values in zip(
            node.outputs, node.output_shapes, node.op.reference(operands, rows), strict=True
        ):
            count = row_count(shape)
            which = rows if count == row_count(node.output_shapes[0]) else range(count)
            self._write(tensor, which, np.ascontiguousarray(values).view(np.uint8).reshape(len(which), -1), columns)

    def output(self, tensor: int, shape: tuple[int, ...]) -> np.ndarray:
        return self._read(tensor).view(self.graph.tensors[tensor].dtype.numpy).reshape(shape).copy()

    def _view(self, node: Node, operand: int) -> np.ndarray:
        tensor = self.graph.tensors[node.inputs[operand]]
        if tensor.data is not None:
            return tensor.data.reshape(node.input_shapes[operand])
        data = self._read(node.inputs[operand], node.delays_of(operand)[0]).view(tensor.dtype.numpy)
        return data.reshape(node.input_shapes[operand])

    def _frames_view(self, node: Node) -> np.ndarray:
        """An image whose rows are the slots of the kept frames, again and again."""
        tensor = node.inputs[0]
        slots = self._region(tensor).reshape(self.layout.buffers[tensor].frames, -1)
        rows = slots[np.arange(node.input_shapes[0][1]) % len(slots)]
        return rows.view(self.graph.tensors[tensor].dtype.numpy).reshape(node.input_shapes[0])

    def _read(self, tensor: int, delay: int = 0) -> np.ndarray:
        """All pixels as the buffer holds them now: each from its slot, current or stale."""
        buffer, rows = self.layout.buffers[tensor], self.layout.rows(tensor)
        if buffer.policy is Policy.EXTERNAL:
            return self.frames[tensor].reshape(-1)
        slots = self._slots(tensor, delay)
        if buffer.tiled:
            return slots[self._pixel_slots(tensor, range(rows), range(self.layout.width(tensor)))].reshape(-1)
        return slots[np.arange(rows) % buffer.rows].reshape(-1)

    def _write(self, tensor: int, rows: range, values: np.ndarray, columns: range | None = None) -> None:
        slots, buffer = self._slots(tensor), self.layout.buffers[tensor]
        if not buffer.tiled and columns is None:
            for row, value in zip(rows, values, strict=True):
                slots[row % len(slots)] = value
            return
        width = self.layout.width(tensor)
        columns = range(width) if columns is None else columns
        pixels = values.reshape(len(rows), width, -1)[:, columns.start : columns.stop]
        if buffer.tiled:
            places = self._pixel_slots(tensor, rows, columns).reshape(-1)
        else:
            places = (np.array(rows) % buffer.rows)[:, None] * width + np.array(columns)
            slots = slots.reshape(buffer.rows * width, -1)
        slots[places.reshape(-1)] = pixels.reshape(-1, pixels.shape[-1])

    def _pixel_slots(self, tensor: int, rows: range, columns: range) -> np.ndarray:
        """Shape [rows, columns]: the slot of each pixel (verify.graph.plan.Buffer)."""
        buffer = self.layout.buffers[tensor]
        y, x = np.array(rows)[:, None], np.array(columns)[None, :]
        if buffer.pixels:
            return (y * self.layout.width(tensor) + x) % buffer.pixels
        return (y % buffer.rows) * buffer.columns + x % buffer.columns

    def _slots(self, tensor: int, delay: int = 0) -> np.ndarray:
        buffer = self.layout.buffers[tensor]
        count = buffer.slots(self.layout.width(tensor)) if buffer.tiled else buffer.rows
        frames = self._region(tensor).reshape(buffer.frames, count, -1)
        return frames[(self.frame - delay) % buffer.frames]

    def _region(self, tensor: int) -> np.ndarray:
        buffer = self.layout.buffers[tensor]
        end = buffer.offset + self.layout.size_bytes(buffer)
        if end > len(self.arena):
            raise ReplayError(f"{self.layout.name(tensor)} ends at byte {end} of an arena of {len(self.arena)}")
        return self.arena[buffer.offset : end]
