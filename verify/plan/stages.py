"""Runs of consecutive operators as candidate stages: schedules, ring capacities, and the bytes each one holds.

A stage over nodes [start, end) streams by rows. It grows one operator at a time, because schedules of earlier
operators do not depend on later ones; a run that cannot be streamed any further ends the growth.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from verify.graph.graph import Graph, Node
from verify.graph.plan import Schedule
from verify.graph.tensor import Axis, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.streaming import edge_window, output_rows, written_rows
from verify.plan.schedule import Edge, arrival, as_late_as, fire_when_ready, is_within_tick, ring_rows, ticks_until

ALL_AT_ONCE = 0
"""Rate of a schedule that computes everything at tick 0."""


class Uses:
    """Who produces and reads each activation of a graph, by position in `graph.nodes`. Inputs have producer -1."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.producer = dict.fromkeys(graph.inputs, -1)
        self.readers: dict[int, list[int]] = {tensor: [] for tensor in graph.inputs}
        for number, node in enumerate(graph.nodes):
            for tensor in node.outputs:
                self.producer[tensor] = number
                self.readers[tensor] = []
            for tensor in dict.fromkeys(node.inputs):
                if tensor in self.readers:
                    self.readers[tensor].append(number)
        end = len(graph.nodes)
        self.kept = {tensor: graph.kept_frames(tensor) for tensor in self.producer}
        self.last = {
            t: end if t in graph.outputs else max(r, default=self.producer[t]) for t, r in self.readers.items()
        }

    def node(self, tensor: int) -> Node | None:
        number = self.producer[tensor]
        return None if number < 0 else self.graph.nodes[number]

    def rows(self, tensor: int) -> int:
        return written_rows(self.graph, tensor, self.node(tensor))

    def row_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].size_bytes // self.rows(tensor)

    def size_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].size_bytes

    def is_late(self, node: Node, operand: int) -> bool:
        """Whether an operand is read from frames before this one too (or only)."""
        return node.delays_of(operand) != (0,)

    def window(self, node: Node, operand: int) -> Window | None:
        return edge_window(self.graph, node, operand, self.node(node.inputs[operand]), Axis.HEIGHT)


@dataclass
class Ring:
    """What a streamed tensor needs while its stage runs: rows, and whether they stay from tick to tick."""

    rows: int = 1
    carry: bool = False


@dataclass
class Draft:
    """A stage being grown. `streams` maps each tensor that arrives by rows in this stage to (schedule, rows)."""

    start: int
    end: int
    fed: tuple[int, ...] = ()
    schedules: list[Schedule] = field(default_factory=list)
    streams: dict[int, tuple[Schedule, int]] = field(default_factory=dict)
    rings: dict[int, Ring] = field(default_factory=dict)
    reference_rows: int = 0

    @property
    def ticks(self) -> int:
        if self.schedules[0].rate == ALL_AT_ONCE:
            return 1
        return max(ticks_until(schedule, rows) for schedule, rows in self.streams.values())


def single(uses: Uses, start: int) -> Draft:
    """The layer-wise stage of one node: everything at once, every tensor whole."""
    node = uses.graph.nodes[start]
    schedule = Schedule(ALL_AT_ONCE, 1, max(output_rows(node), max(uses.rows(t) for t in node.outputs)))
    return Draft(start, start + 1, schedules=[schedule])


def grow(uses: Uses, start: int, fed: tuple[int, ...]) -> Iterator[Draft]:
    """Streaming stages that begin at `start`, longer and longer; the same object, extended, is yielded each time."""
    draft = Draft(start, start, fed)
    for tensor in fed:
        rows = uses.rows(tensor)
        draft.reference_rows = draft.reference_rows or rows
        draft.streams[tensor] = arrival(rows, draft.reference_rows), rows
        draft.rings[tensor] = Ring()
    for number in range(start, len(uses.graph.nodes)):
        if not _extend(uses, draft, uses.graph.nodes[number]):
            return
        yield draft


def _extend(uses: Uses, draft: Draft, node: Node) -> bool:
    """Adds `node`; False, with the draft unchanged, where it cannot stream along with the others."""
    if not node.op.row_wise or node.slides_over_frames or not all(is_image(shape) for shape in node.output_shapes):
        return False
    operands = [
        (t, uses.window(node, k), uses.is_late(node, k)) for k, t in enumerate(node.inputs) if t in uses.producer
    ]
    # What is read from earlier frames stands whole, like a tensor of an earlier stage.
    streamed = [(t, w) for t, w, late in operands if t in draft.streams and not late]
    if any(window is None for _, window in streamed):
        return False
    edges = [Edge(*draft.streams[t], window) for t, window in streamed if window]
    if not edges:
        sources = [(t, w) for t, w, _ in operands if w is not None]
        if not sources:
            return False
        draft.reference_rows = draft.reference_rows or uses.rows(sources[0][0])
        edges = [Edge(arrival(uses.rows(t), draft.reference_rows), uses.rows(t), w) for t, w in sources]
    schedule = fire_when_ready(edges)
    if schedule is None:
        return False
    draft.schedules.append(schedule)
    draft.end += 1
    for tensor in node.outputs:
        draft.streams[tensor] = schedule, uses.rows(tensor)
        draft.rings[tensor] = Ring()
    for tensor, window in streamed:
        assert window is not None
        _require(draft, tensor, schedule, output_rows(node), window)
    return True


def _require(draft: Draft, tensor: int, consumer: Schedule, consumer_rows: int, window: Window) -> None:
    producer, rows = draft.streams[tensor]
    ring = draft.rings[tensor]
    ring.rows = max(ring.rows, min(rows, ring_rows(producer, rows, consumer, consumer_rows, window)))
    ring.carry |= not is_within_tick(producer, rows, consumer, consumer_rows, window)


def delay_sources(uses: Uses, draft: Draft) -> Draft:
    """The same stage with operators that read only whole tensors fired as late as their consumers allow.

    A shortcut's 1x1 convolution beside a longer main path need not run ahead of it: its operand is whole anyway.
    """
    nodes = uses.graph.nodes[draft.start : draft.end]
    schedules = list(draft.schedules)
    for k in reversed(range(len(nodes))):
        if any(t in draft.streams for t in nodes[k].inputs):
            continue
        consumers = [
            Edge(schedules[j], output_rows(nodes[j]), window)
            for j in range(k + 1, len(nodes))
            for operand, t in enumerate(nodes[j].inputs)
            if t in nodes[k].outputs and (window := uses.window(nodes[j], operand)) is not None
        ]
        schedules[k] = as_late_as(consumers) or schedules[k]
    return _with_schedules(uses, draft, schedules)


def _with_schedules(uses: Uses, draft: Draft, schedules: list[Schedule]) -> Draft:
    changed = Draft(draft.start, draft.end, draft.fed, schedules, reference_rows=draft.reference_rows)
    changed.streams = {t: draft.streams[t] for t in draft.fed}
    changed.rings = {t: Ring() for t in draft.fed}
    for node, schedule in zip(uses.graph.nodes[draft.start : draft.end], schedules, strict=True):
        for operand, tensor in enumerate(node.inputs):
            arrives = tensor in changed.streams and not uses.is_late(node, operand)
            window = uses.window(node, operand) if arrives else None
            if window is not None:
                _require(changed, tensor, schedule, output_rows(node), window)
        for tensor in node.outputs:
            changed.streams[tensor] = schedule, uses.rows(tensor)
            changed.rings[tensor] = Ring()
    return changed


def whole_tensors(uses: Uses, draft: Draft) -> list[int]:
    """Tensors that this stage computes and that must stand whole when it ends."""
    made = [t for node in uses.graph.nodes[draft.start : draft.end] for t in node.outputs]
    if draft.schedules[0].rate == ALL_AT_ONCE:
        return made
    return [t for t in made if uses.last[t] >= draft.end or uses.kept[t] > 1]


def taken_over(uses: Uses, node_number: int) -> int | None:
    """The operand whose storage this node's output may take over, or None: dead afterwards, same bytes and rows."""
    node = uses.graph.nodes[node_number]
    if len(node.outputs) != 1:
        return None
    output = node.outputs[0]
    for operand in sorted(node.op.in_place):
        tensor = node.inputs[operand]
        if (
            tensor in uses.producer
            and uses.last[tensor] == node_number
            and uses.kept[tensor] == uses.kept[output] == 1
            and all(k in node.op.in_place for k, t in enumerate(node.inputs) if t == tensor)
            and all(uses.window(node, k) == POINTWISE for k, t in enumerate(node.inputs) if t == tensor)
            and (uses.rows(tensor), uses.row_bytes(tensor)) == (uses.rows(output), uses.row_bytes(output))
        ):
            return tensor
    return None
