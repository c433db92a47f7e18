"""Runs a program on the operators' reference kernels over memory full of garbage: the check that needs no solver.

Every call sees its operands as the arena holds them at that moment, garbage where rows are missing, and the references
pick rows by their own index arithmetic. A wrong plan shows as outputs that change with the garbage.
"""

from collections.abc import Sequence

import numpy as np

from verify.channels.reduced import NotReducibleError, reduced
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.tensor import row_count
from verify.program.lower import lower
from verify.program.program import Base, Call, Pixels, Place, Program, Rows, View
from verify.program.refuse import NotExpressibleError
from verify.program.steps import Arrive, Work, frame_events
from verify.proof.layout import Layout


class ReplayError(Exception):
    """The plan cannot even be run: it has no program, or a view leaves the arena."""


def replay(graph: Graph, plan: Plan, inputs: Sequence[np.ndarray], seed: int = 0) -> list[np.ndarray]:
    """The outputs, in the model's declared shapes, of running a plan's program on garbage-filled memory.

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
    try:
        graph = reduced(graph, plan.left_out)
    except NotReducibleError as error:
        raise ReplayError(str(error)) from None
    program = _program(graph, plan)
    memory = _Memory(graph, program, seed)
    results = []
    for frame, inputs in enumerate(frames):
        memory.frame = frame
        memory.sources = [np.ascontiguousarray(array).view(np.uint8).reshape(-1) for array in inputs]
        for event in frame_events(program, frame):
            memory.take(event) if isinstance(event, Arrive) else memory.work(event)
        results.append([memory.output(k) for k in range(len(program.outputs))])
    return results


def _program(graph: Graph, plan: Plan) -> Program:
    faults = Layout(graph, plan).faults
    if faults:
        raise ReplayError(f"{faults[0].subject}: {faults[0].text}")
    try:
        return lower(graph, plan)
    except NotExpressibleError as error:
        raise ReplayError(str(error)) from None


class _Memory:
    """The arena during a replay, with the network inputs beside it."""

    def __init__(self, graph: Graph, program: Program, seed: int):
        self.graph, self.program, self.frame = graph, program, 0
        self.arena = np.random.default_rng(seed).integers(0, 256, program.bytes.arena, np.uint8)
        self.sources: list[np.ndarray] = []
        for fill in program.clip.fills if program.clip else ():
            self._arena(fill.offset, fill.size)[...] = fill.value & 0xFF

    def take(self, event: Arrive) -> None:
        """Rows of an input arrive."""
        port = self.program.inputs[event.input]
        rows = self.sources[event.input].reshape(port.rows, port.row_bytes)[event.first : event.last]
        self._write(port.view, range(event.first, event.last), rows)

    def work(self, event: Work) -> None:
        """One call: references compute whole rows, of which the columns of the region are kept."""
        call, node = event.call, self.graph.by_index[event.call.op]
        operands = [self._operand(call, k) for k in range(len(node.inputs))]
        rows = range(event.y0, event.y1)
        columns = range(event.x0, event.x1) if call.by_pixels else None
        found = node.op.reference(operands, rows)
        for view, shape, values in zip(call.outputs, node.output_shapes, found, strict=True):
            # An operator that is not row-wise computes all rows of all outputs at once, whatever their number; over
            # frames, the one row that it computes is the whole result.
            count = row_count(shape)
            same = count == row_count(node.output_shapes[0]) and not node.slides_over_frames
            which = rows if same else range(count)
            self._write(view, which, np.ascontiguousarray(values).view(np.uint8).reshape(len(which), -1), columns)

    def output(self, k: int) -> np.ndarray:
        port = self.program.outputs[k]
        data = self._slots(port.view)[: port.rows].reshape(-1)
        return data.view(self.graph.tensors[port.tensor].dtype.numpy).reshape(port.shape).copy()

    def _operand(self, call: Call, k: int) -> np.ndarray:
        """The whole operand under the node's own view: each row or pixel from its slot, current or stale."""
        node, view = self.graph.by_index[call.op], call.inputs[k]
        tensor, shape = self.graph.tensors[view.tensor], node.input_shapes[k]
        if tensor.data is not None:
            return tensor.data.reshape(shape)
        slots = self._slots(view)
        if isinstance(view, Pixels):
            height, width = shape[-3:-1]
            data = slots[_pixel_slots(view, range(height), range(width))]
        else:
            rows = shape[1] if node.slides_over_frames else row_count(shape)
            data = slots[np.arange(rows) % view.capacity]
        return data.reshape(-1).view(tensor.dtype.numpy).reshape(shape)

    def _write(self, view: View, rows: range, values: np.ndarray, columns: range | None = None) -> None:
        slots = self._slots(view)
        if isinstance(view, Rows):
            for row, value in zip(rows, values, strict=True):
                slots[row % view.capacity] = value
            return
        assert columns is not None, "only calls by pixels write pixels"
        pixels = values.reshape(len(rows), -1, view.pixel_bytes)[:, columns.start : columns.stop]
        slots[_pixel_slots(view, rows, columns).reshape(-1)] = pixels.reshape(-1, view.pixel_bytes)

    def _slots(self, view: View) -> np.ndarray:
        """Shape [slots, bytes of one]: the memory of a view."""
        count, size = (view.capacity, view.row_bytes) if isinstance(view, Rows) else (view.pixels, view.pixel_bytes)
        return self._at(view.place, count * size).reshape(count, size)

    def _at(self, place: Place, size: int) -> np.ndarray:
        if place.base is Base.SOURCE:
            return self.sources[place.index][place.offset : place.offset + size]
        return self._arena(place.offset + (self.frame - place.delay) % place.slots * place.slot_bytes, size)

    def _arena(self, offset: int, size: int) -> np.ndarray:
        if offset + size > len(self.arena):
            raise ReplayError(f"a view ends at byte {offset + size} of an arena of {len(self.arena)}")
        return self.arena[offset : offset + size]


def _pixel_slots(view: Pixels, rows: range, columns: range) -> np.ndarray:
    """Shape [rows, columns]: the slot of each pixel (verify.program.program.Pixels)."""
    y, x = np.array(rows)[:, None], np.array(columns)[None, :]
    return (y * view.columns + x) % view.pixels if not view.rows else (y % view.rows) * view.columns + x % view.columns
