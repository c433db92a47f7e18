"""A plan laid over its model: who writes and reads each tensor, at which place in time, and for how long it lives.

Everything here is derived from the graph and the plan's lists; a plan that does not even name every operator and
tensor once is reported as a fault of claim C1 or C4 and goes no further.

A **position** numbers the feeds and firings of all stages in order. Buffers live over an interval of positions; in a
stage of several ticks a buffer that carries rows from tick to tick lives through all positions of that stage.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, InputMode, Plan, Policy, Schedule, Stage
from verify.graph.tensor import Axis
from verify.graph.window import POINTWISE, Window
from verify.ops.streaming import edge_window, output_rows, written_rows

COMPLETE = Schedule(0, 1, 2**40)
"""The schedule of a tensor that is there before everything: a network input that stands in memory."""

BEFORE = -1
"""The position at which such a tensor comes into being."""


@dataclass(frozen=True)
class Fault:
    """A plan that does not fit its model, before any proof: which claim it breaks, where and how."""

    claim: str
    subject: str
    text: str


@dataclass(frozen=True)
class Place:
    """A point in a plan: stage (-1 is before the first), position over all stages."""

    stage: int
    position: int


@dataclass(frozen=True)
class Writer:
    """How a tensor comes into being: its schedule over `rows` rows. `node` is None for a network input."""

    node: Node | None
    schedule: Schedule
    rows: int
    place: Place


@dataclass(frozen=True)
class Read:
    """One operand of one firing: what is read, when, and which rows (`window` None: all of them)."""

    node: Node
    operand: int
    tensor: int
    schedule: Schedule
    place: Place
    window: Window | None
    delays: tuple[int, ...] = (0,)


@dataclass(frozen=True)
class Lifetime:
    """Positions [first, last], both included."""

    first: int
    last: int


class Layout:
    """The derived facts of one plan. `faults` is empty or nothing else may be used."""

    def __init__(self, graph: Graph, plan: Plan):
        self.graph, self.plan = graph, plan
        self.nodes = {node.index: node for node in graph.nodes}
        self.faults = [*self._op_faults(), *self._feed_faults(), *self._buffer_faults()]
        if self.faults:
            return
        self.spans = self._stage_spans()
        self.buffers = {buffer.tensor: buffer for buffer in plan.buffers}
        self.writers = self._find_writers()
        self.reads = list(self._find_reads())
        self.lifetimes = {tensor: self._lifetime(tensor) for tensor in self.buffers}
        self.lifetimes |= dict(self._takeovers())

    def name(self, tensor: int) -> str:
        return f'tensor {tensor} "{self.graph.tensors[tensor].name}"'

    def arena_buffers(self) -> list[Buffer]:
        """Buffers that take bytes of the arena, in the order of the plan."""
        return [b for b in self.plan.buffers if b.policy is not Policy.EXTERNAL]

    def size_bytes(self, buffer: Buffer) -> int:
        return buffer.frames * buffer.rows * self.row_bytes(buffer.tensor)

    def row_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].size_bytes // self.writers[tensor].rows

    def reads_of(self, tensor: int) -> list[Read]:
        return [read for read in self.reads if read.tensor == tensor]

    # -- the plan names everything once -------------------------------------------------------------------------

    def _op_faults(self) -> Iterator[Fault]:
        listed = [firing.op for stage in self.plan.stages for firing in stage.firings]
        for index in sorted(set(listed) - set(self.nodes)):
            yield Fault("C1", f"op {index}", "the plan runs it, but the model has no operator of this index")
        for index, node in self.nodes.items():
            if listed.count(index) != 1:
                yield Fault("C1", node.label, f"the plan runs it {listed.count(index)} times; it must run exactly once")

    def _feed_faults(self) -> Iterator[Fault]:
        seen: set[int] = set()
        for number, stage in enumerate(self.plan.stages):
            for feed in stage.feeds:
                subject = f"stage {number}, feed of tensor {feed.tensor}"
                if feed.tensor not in self.graph.inputs:
                    yield Fault("C1", subject, "only network inputs are fed")
                elif feed.tensor in seen:
                    yield Fault("C1", subject, "the plan feeds it twice")
                elif self.plan.input_mode is not InputMode.ROWS:
                    yield Fault("C1", subject, f"inputs arrive as {self.plan.input_mode.value!r}, so nothing is fed")
                elif number != 0:
                    yield Fault("C1", subject, "rows arrive while stage 0 runs; later stages cannot be fed")
                seen.add(feed.tensor)

    def _buffer_faults(self) -> Iterator[Fault]:
        needed = {t for n in self.graph.nodes for t in (*n.inputs, *n.outputs) if self.graph.tensors[t].data is None}
        needed |= set(self.graph.inputs)
        held = [buffer.tensor for buffer in self.plan.buffers]
        for tensor in sorted(set(held) - needed):
            yield Fault("C4", f"tensor {tensor}", "has a buffer, but the model has no such activation")
        for tensor in sorted(needed):
            if held.count(tensor) != 1:
                text = f"has {held.count(tensor)} buffers; it must have exactly one"
                yield Fault("C4", f'tensor {tensor} "{self.graph.tensors[tensor].name}"', text)
        for buffer in self.plan.buffers:
            if buffer.tensor in needed:
                yield from self._policy_faults(buffer)

    def _policy_faults(self, buffer: Buffer) -> Iterator[Fault]:
        subject = f'tensor {buffer.tensor} "{self.graph.tensors[buffer.tensor].name}"'
        outside = buffer.tensor in self.graph.inputs and self.plan.input_mode is InputMode.PATCHES
        if (buffer.policy is Policy.EXTERNAL) != outside:
            rule = "network inputs stay outside the arena exactly when the plan's input is 'patches'"
            yield Fault("C4", subject, f"has policy {buffer.policy.value!r}; {rule}")
        producer = next((n for n in self.graph.nodes if buffer.tensor in n.outputs), None)
        rows = written_rows(self.graph, buffer.tensor, producer)
        if buffer.policy is not Policy.RING and buffer.rows != rows:
            text = f"is {buffer.policy.value} with {buffer.rows} rows; the tensor has {rows}"
            yield Fault("C3", subject, text)
        if buffer.tensor in self.graph.outputs and buffer.policy is not Policy.WHOLE:
            yield Fault("C3", subject, f"is a network output with policy {buffer.policy.value!r}; outputs are whole")
        if buffer.frames > 1 and buffer.policy is not Policy.WHOLE:
            text = f"keeps {buffer.frames} frames with policy {buffer.policy.value!r}; frames are kept whole"
            yield Fault("C8", subject, text)
        if not buffer.carry and buffer.policy is not Policy.RING:
            yield Fault("C3", subject, "only a ring can do without carrying rows from tick to tick")

    # -- derived facts ------------------------------------------------------------------------------------------

    def _stage_spans(self) -> list[Lifetime]:
        spans, start = [], 0
        for stage in self.plan.stages:
            end = start + len(stage.feeds) + len(stage.firings)
            spans.append(Lifetime(start, end - 1))
            start = end
        return spans

    def _places(self) -> Iterator[tuple[Stage, Place, int]]:
        for number, stage in enumerate(self.plan.stages):
            for slot in range(len(stage.feeds) + len(stage.firings)):
                yield stage, Place(number, self.spans[number].first + slot), slot

    def _find_writers(self) -> dict[int, Writer]:
        start = Place(-1, BEFORE)
        writers = {t: Writer(None, COMPLETE, self.graph.tensors[t].rows, start) for t in self.graph.inputs}
        for stage, place, slot in self._places():
            if slot < len(stage.feeds):
                feed = stage.feeds[slot]
                writers[feed.tensor] = Writer(None, feed.schedule, self.graph.tensors[feed.tensor].rows, place)
                continue
            firing = stage.firings[slot - len(stage.feeds)]
            node = self.nodes[firing.op]
            for tensor in node.outputs:
                writers[tensor] = Writer(node, firing.schedule, written_rows(self.graph, tensor, node), place)
        return writers

    def _find_reads(self) -> Iterator[Read]:
        for stage, place, slot in self._places():
            if slot < len(stage.feeds):
                continue
            firing = stage.firings[slot - len(stage.feeds)]
            node = self.nodes[firing.op]
            for operand, tensor in enumerate(node.inputs):
                if self.graph.tensors[tensor].data is None:
                    window = self._window(node, operand, tensor, stage.axis)
                    yield Read(node, operand, tensor, firing.schedule, place, window, node.delays_of(operand))

    def _window(self, node: Node, operand: int, tensor: int, axis: Axis) -> Window | None:
        if not node.op.row_wise or node.slides_over_frames:
            return None
        return edge_window(self.graph, node, operand, self.writers[tensor].node, axis)

    def _lifetime(self, tensor: int) -> Lifetime:
        buffer, writer = self.buffers[tensor], self.writers[tensor]
        if buffer.frames > 1:  # its frames outlive every run
            return Lifetime(BEFORE, self.spans[-1].last)
        places = [writer.place, *(read.place for read in self.reads_of(tensor))]
        if not buffer.carry:
            return Lifetime(writer.place.position, max(place.position for place in places))
        first = self._span(writer.place).first
        last = max(self._span(place).last for place in places if place.stage >= 0 or len(places) == 1)
        return Lifetime(first, self.spans[-1].last if tensor in self.graph.outputs else last)

    def _span(self, place: Place) -> Lifetime:
        """Positions during which a tensor touched at `place` must be kept for the sake of later ticks."""
        if place.stage < 0:
            return Lifetime(BEFORE, BEFORE)
        if self.plan.stages[place.stage].ticks > 1:
            return self.spans[place.stage]
        return Lifetime(place.position, place.position)

    def _takeovers(self) -> Iterator[tuple[int, Lifetime]]:
        """Tensors whose storage is taken over by the operator that reads them last, so that they end just before it.

        Sound because that operator reads element i of the operand before it writes element i of the output
        (Op.in_place), both have the same bytes at the same address, and nothing reads the operand afterwards.
        """
        for tensor, buffer in self.buffers.items():
            life = self.lifetimes[tensor]
            reads = [read for read in self.reads_of(tensor) if read.place.position == life.last]
            outlives = tensor in self.graph.outputs or buffer.frames > 1 or buffer.policy is Policy.EXTERNAL
            if not reads or outlives:
                continue
            for output in reads[0].node.outputs:
                if self._takes_over(buffer, life, reads, output):
                    yield tensor, Lifetime(life.first, life.last - 1)
                    break

    def _takes_over(self, buffer: Buffer, life: Lifetime, reads: list[Read], output: int) -> bool:
        target, node = self.buffers[output], reads[0].node
        same_place = (target.offset, target.rows, target.frames) == (buffer.offset, buffer.rows, 1)
        same_rows = self.row_bytes(output) == self.row_bytes(buffer.tensor) and (
            self.writers[output].rows == self.writers[buffer.tensor].rows == output_rows(node)
        )
        return (
            same_place
            and same_rows
            and len(node.outputs) == 1
            and self.lifetimes[output].first == life.last
            and life.first < life.last
            and all(read.operand in node.op.in_place and read.window == POINTWISE for read in reads)
        )
