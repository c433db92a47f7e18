"""Runs of consecutive operators as candidate stages: schedules, ring capacities, and the bytes each one holds.

A stage over nodes [start, end) streams by rows. It grows one operator at a time, because schedules of earlier
operators do not depend on later ones; a run that cannot be streamed any further ends the growth.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from verify.graph.graph import Graph, Node
from verify.graph.plan import Schedule, Stage
from verify.graph.tensor import Axis, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.streaming import edge_window, extent, output_rows, written_rows
from verify.plan.schedule import (
    Edge,
    arrival,
    as_late_as,
    fire_when_ready,
    is_within_tick,
    most_per_tick,
    newest_gap,
    ring_rows,
    ticks_until,
)
from verify.targets.choice import chosen
from verify.targets.registry import PORTABLE

ALL_AT_ONCE = 0
"""Rate of a schedule that computes everything at tick 0."""


class Uses:
    """Who produces and reads each activation of a graph, by position in `graph.nodes`. Inputs have producer -1."""

    def __init__(self, graph: Graph, target: str = PORTABLE):
        self.graph, self.target, self.kernels = graph, target, chosen(graph, target)
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
        self._rows = {tensor: written_rows(graph, tensor, self.node(tensor)) for tensor in self.producer}
        self._windows: dict[tuple[int, int, Axis], Window | None] = {}
        self.last = {
            t: end if t in graph.outputs else max(r, default=self.producer[t]) for t, r in self.readers.items()
        }

    def tiles(self, node: Node) -> bool:
        """Whether regions of a node can be computed by themselves, and its kernel does so."""
        return node.op.tile_wise and self.kernels[node.index].tiles(node)

    def node(self, tensor: int) -> Node | None:
        number = self.producer[tensor]
        return None if number < 0 else self.graph.nodes[number]

    def rows(self, tensor: int) -> int:
        return self._rows[tensor]

    def row_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].size_bytes // self.rows(tensor)

    def size_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].size_bytes

    def is_late(self, node: Node, operand: int) -> bool:
        """Whether an operand is read from frames before this one too (or only)."""
        return node.delays_of(operand) != (0,)

    def window(self, node: Node, operand: int, axis: Axis = Axis.HEIGHT) -> Window | None:
        key = (node.index, operand, axis)
        if key not in self._windows:
            self._windows[key] = edge_window(self.graph, node, operand, self.node(node.inputs[operand]), axis)
        return self._windows[key]

    def extent(self, tensor: int, axis: Axis) -> int:
        """Rows, or columns of an image."""
        return self.rows(tensor) if axis is Axis.HEIGHT else self.width(tensor)

    def width(self, tensor: int) -> int:
        return self.graph.tensors[tensor].shape[-2]


@dataclass
class Ring:
    """What a streamed tensor needs while its stage runs, along its rows and, where the stage is split, its columns.

    `rows` and `columns` that stay in memory, and whether they stay from tick to tick; `gap`, see `newest_gap`.
    """

    rows: int = 1
    carry: bool = False
    gap: int = 0
    columns: int = 1
    column_carry: bool = False


@dataclass
class Stream:
    """One axis of a stage: when each operator fires, and each tensor that arrives in the stage (schedule, extent).

    `step` positions of the first source arrive in each tick.
    """

    axis: Axis
    schedules: list[Schedule] = field(default_factory=list)
    arriving: dict[int, tuple[Schedule, int]] = field(default_factory=dict)
    reference: int = 0
    step: int = 1

    def source(self, total: int) -> Schedule:
        """The schedule of a tensor that is there before the stage; the first one sets the stage's ticks."""
        self.reference = self.reference or total
        return arrival(total, self.reference, self.step)

    @property
    def ticks(self) -> int:
        if self.schedules[0].rate == ALL_AT_ONCE:
            return 1
        return max(ticks_until(schedule, total) for schedule, total in self.arriving.values())


@dataclass
class Draft:
    """A stage being grown over nodes [start, end). `columns` is None once an operator cannot be split by columns.

    `demand` has the nodes whose rows follow their reader (verify.plan.recompute); their schedules say when at the
    earliest. `fixed` stands for all the rest where a stage is given as it is.
    """

    start: int
    end: int
    fed: tuple[int, ...] = ()
    rows: Stream = field(default_factory=lambda: Stream(Axis.HEIGHT))
    columns: Stream | None = field(default_factory=lambda: Stream(Axis.WIDTH))
    rings: dict[int, Ring] = field(default_factory=dict)
    demand: frozenset[int] = frozenset()
    fixed: "Fixed | None" = None

    @property
    def steps(self) -> int:
        """Times that its firings run."""
        if self.fixed:
            return self.fixed.stage.steps
        return self.rows.ticks * (self.columns.ticks if self.columns else 1)

    @property
    def at_once(self) -> bool:
        """Whether it is the ordinary layer-wise execution of one operator."""
        return not self.fixed and self.rows.schedules[0].rate == ALL_AT_ONCE


def single(uses: Uses, start: int) -> Draft:
    """The layer-wise stage of one node: everything at once, every tensor whole."""
    node = uses.graph.nodes[start]
    schedule = Schedule(ALL_AT_ONCE, 1, max(output_rows(node), max(uses.rows(t) for t in node.outputs)))
    return Draft(start, start + 1, rows=Stream(Axis.HEIGHT, [schedule]), columns=None)


def grow(uses: Uses, start: int, fed: tuple[int, ...], strip: int = 1) -> Iterator[Draft]:
    """Streaming stages that begin at `start`, longer and longer; the same object, extended, is yielded each time.

    `strip` columns of the first source arrive in each column tick.
    """
    draft = Draft(start, start, fed, columns=Stream(Axis.WIDTH, step=strip))
    for tensor in fed:
        _begin(uses, draft, tensor)
    for number in range(start, len(uses.graph.nodes)):
        if not _extend(uses, draft, uses.graph.nodes[number]):
            return
        yield draft


def _begin(uses: Uses, draft: Draft, tensor: int) -> None:
    """A network input whose rows arrive in this stage; its columns are all there then."""
    rows = uses.rows(tensor)
    draft.rows.arriving[tensor] = draft.rows.source(rows), rows
    draft.rings[tensor] = Ring()


def _extend(uses: Uses, draft: Draft, node: Node) -> bool:
    """Adds `node`; False, with the draft unchanged, where it cannot stream along with the others."""
    if not node.op.row_wise or node.slides_over_frames or not all(is_image(shape) for shape in node.output_shapes):
        return False
    schedule = _schedule(uses, draft.rows, node)
    if schedule is None:
        return False
    columns = _schedule(uses, draft.columns, node) if draft.columns and uses.tiles(node) else None
    _add(uses, draft.rows, node, schedule)
    if draft.columns and columns:
        _add(uses, draft.columns, node, columns)
    else:
        draft.columns = None
    draft.end += 1
    draft.rings |= {tensor: Ring() for tensor in node.outputs}
    for tensor, operand in _streamed(uses, draft.rows, node):
        _require(uses, draft, node, tensor, operand)
    return True


def _schedule(uses: Uses, stream: Stream, node: Node) -> Schedule | None:
    """When `node` fires along an axis; None where it cannot follow its operands there."""
    arriving = [(t, uses.window(node, k, stream.axis)) for t, k in _streamed(uses, stream, node)]
    if any(window is None for _, window in arriving):
        return None
    edges = [Edge(*stream.arriving[t], window) for t, window in arriving if window]
    if not edges:
        windows = [(t, uses.window(node, k, stream.axis)) for k, t in enumerate(node.inputs) if t in uses.producer]
        sources = [(uses.extent(t, stream.axis), window) for t, window in windows if window is not None]
        edges = [Edge(stream.source(total), total, window) for total, window in sources]
    return fire_when_ready(edges) if edges else None


def _streamed(uses: Uses, stream: Stream, node: Node) -> list[tuple[int, int]]:
    """Operands that arrive in this stage: tensor and position. What is read from earlier frames stands whole."""
    return [(t, k) for k, t in enumerate(node.inputs) if t in stream.arriving and not uses.is_late(node, k)]


def _add(uses: Uses, stream: Stream, node: Node, schedule: Schedule) -> None:
    stream.schedules.append(schedule)
    for tensor in node.outputs:
        stream.arriving[tensor] = schedule, uses.extent(tensor, stream.axis)


def _require(uses: Uses, draft: Draft, node: Node, tensor: int, operand: int) -> None:
    """Enlarges the ring of a streamed operand for one more reader, whose schedule stands in the draft already."""
    window = uses.window(node, operand)
    assert window is not None, "an operator without a row window does not stream"
    require_rows(draft, tensor, draft.rows.arriving[node.outputs[0]][0], output_rows(node), window)
    if draft.columns:
        require_columns(uses, draft, node, tensor, operand)


def require_rows(draft: Draft, tensor: int, reader: Schedule, reader_rows: int, window: Window) -> None:
    """Enlarges a ring along its rows for a reader that fires by this schedule."""
    ring, (producer, rows) = draft.rings[tensor], draft.rows.arriving[tensor]
    edge = (producer, rows, reader, reader_rows, window)
    ring.rows = max(ring.rows, min(rows, ring_rows(*edge)))
    ring.carry |= not is_within_tick(*edge)
    ring.gap = max(ring.gap, newest_gap(*edge))


def require_columns(uses: Uses, draft: Draft, node: Node, tensor: int, operand: int) -> None:
    """Enlarges the ring of a streamed operand along its columns."""
    assert draft.columns is not None
    ring = draft.rings[tensor]
    if tensor not in draft.columns.arriving:  # fed by whole rows, once for all column ticks
        ring.columns, ring.column_carry = uses.width(tensor), True
        return
    window = uses.window(node, operand, Axis.WIDTH)
    assert window is not None, "an operator without a column window is not split by columns"
    schedule = draft.columns.arriving[node.outputs[0]][0]
    edge = (*draft.columns.arriving[tensor], schedule, extent(node, Axis.WIDTH), window)
    ring.columns = max(ring.columns, min(uses.width(tensor), ring_rows(*edge)))
    ring.column_carry |= not is_within_tick(*edge)


def streamed_operands(uses: Uses, draft: Draft, node: Node) -> list[tuple[int, int]]:
    """Operands of `node` that arrive in this stage: tensor and position."""
    return _streamed(uses, draft.rows, node)


@dataclass(frozen=True)
class Shape:
    """The extent of a ring buffer (verify.graph.plan.Buffer)."""

    rows: int
    columns: int
    pixels: int
    carry: bool

    def size(self, uses: Uses, tensor: int) -> int:
        width = uses.width(tensor) if self.pixels or self.columns else 1
        if self.pixels or self.columns:
            return (self.pixels or self.rows * self.columns) * (uses.row_bytes(tensor) // width)
        return self.rows * uses.row_bytes(tensor)


@dataclass(frozen=True)
class Fixed:
    """A stage that is given as it stands, with the buffers of the tensors that it keeps in rings."""

    stage: Stage
    shapes: dict[int, Shape]


def ring_shape(uses: Uses, draft: Draft, tensor: int) -> Shape:
    """The smallest buffer for a streamed tensor: rows, a tile, or, where it is written row by row, a ring of pixels."""
    if draft.fixed:
        return draft.fixed.shapes[tensor]
    ring = draft.rings[tensor]
    if not draft.columns:
        return Shape(min(ring.rows, uses.rows(tensor)), 0, 0, ring.carry)
    width = uses.width(tensor)
    if tensor in draft.fed:
        return Shape(ring.rows, 0, 0, True)
    if not ring.carry:  # rows of one tick: the columns wander through a tile
        return Shape(ring.rows, 0 if ring.columns >= width else ring.columns, 0, ring.column_carry)
    pixels = ring.gap * width + ring.columns
    if most_per_tick(*draft.rows.arriving[tensor]) == 1 and pixels < ring.rows * width:
        return Shape(1, 0, pixels, True)
    return Shape(ring.rows, 0, 0, True)


def has_late_sources(uses: Uses, draft: Draft) -> bool:
    """Whether an operator after the first reads only whole tensors, so that it could fire later than it does."""
    return any(
        not _streamed(uses, draft.rows, node) and node.outputs[0] in draft.rows.arriving
        for node in uses.graph.nodes[draft.start + (0 if draft.fed else 1) : draft.end]
    )


def delay_sources(uses: Uses, draft: Draft) -> Draft:
    """The same stage with operators that read only whole tensors fired as late as their consumers allow.

    A shortcut's 1x1 convolution beside a longer main path need not run ahead of it: its operand is whole anyway.
    """
    if not has_late_sources(uses, draft):
        return draft
    changed = Draft(draft.start, draft.end, draft.fed, Stream(Axis.HEIGHT, reference=draft.rows.reference), None)
    for tensor in draft.fed:
        _begin(uses, changed, tensor)
    nodes = uses.graph.nodes[draft.start : draft.end]
    streams = [(draft.rows, changed.rows)]
    if draft.columns:
        changed.columns = Stream(Axis.WIDTH, reference=draft.columns.reference, step=draft.columns.step)
        streams.append((draft.columns, changed.columns))
    for before, after in streams:
        for node, schedule in zip(nodes, _delayed(uses, nodes, before), strict=True):
            _add(uses, after, node, schedule)
    for node in nodes:
        for tensor, operand in _streamed(uses, draft.rows, node):
            changed.rings.setdefault(tensor, Ring())
            _require(uses, changed, node, tensor, operand)
        changed.rings |= {tensor: Ring() for tensor in node.outputs if tensor not in changed.rings}
    return changed


def _delayed(uses: Uses, nodes: tuple[Node, ...], stream: Stream) -> list[Schedule]:
    schedules = list(stream.schedules)
    for k in reversed(range(len(nodes))):
        if _streamed(uses, stream, nodes[k]):
            continue
        consumers = [
            Edge(schedules[j], extent(nodes[j], stream.axis), window)
            for j in range(k + 1, len(nodes))
            for operand, t in enumerate(nodes[j].inputs)
            if t in nodes[k].outputs and (window := uses.window(nodes[j], operand, stream.axis)) is not None
        ]
        schedules[k] = as_late_as(consumers) or schedules[k]
    return schedules


def whole_tensors(uses: Uses, draft: Draft) -> list[int]:
    """Tensors that this stage computes and that must stand whole when it ends."""
    made = [t for node in uses.graph.nodes[draft.start : draft.end] for t in node.outputs]
    if draft.at_once:
        return made
    return [t for t in made if uses.last[t] >= draft.end or uses.kept[t] > 1]


def taken_over(uses: Uses, node_number: int) -> int | None:
    """The operand whose storage this node's output may take over, or None: dead afterwards, same bytes and rows."""
    node = uses.graph.nodes[node_number]
    if len(node.outputs) != 1:
        return None
    output, in_place = node.outputs[0], uses.kernels[node.index].in_place(node)
    for operand in sorted(in_place):
        tensor = node.inputs[operand]
        if (
            tensor in uses.producer
            and uses.last[tensor] == node_number
            and uses.kept[tensor] == uses.kept[output] == 1
            and all(k in in_place for k, t in enumerate(node.inputs) if t == tensor)
            and all(uses.window(node, k) == POINTWISE for k, t in enumerate(node.inputs) if t == tensor)
            and (uses.rows(tensor), uses.row_bytes(tensor)) == (uses.rows(output), uses.row_bytes(output))
        ):
            return tensor
    return None
