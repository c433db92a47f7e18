"""A stage while it is planned: when its operators fire along each axis, and what stays in memory of its tensors.

Drafts are frozen. Every form of a stage is a file in `verify.plan.forms`: a function that gives another draft.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from verify.graph.graph import Node
from verify.graph.plan import Schedule, Stage
from verify.graph.tensor import Axis
from verify.graph.window import Window
from verify.ops.streaming import extent
from verify.plan.schedule import arrival, is_within_tick, most_per_tick, newest_gap, ring_rows, ticks_until
from verify.plan.uses import Uses
from verify.targets.kernel import Kernel

ALL_AT_ONCE = 0
"""Rate of a schedule that computes everything at tick 0."""


@dataclass(frozen=True)
class Ring:
    """What a streamed tensor needs along one axis while its stage runs.

    `positions` (rows or columns) that stay in memory, and whether they stay from tick to tick; `gap`, see `newest_gap`.
    """

    positions: int = 1
    carry: bool = False
    gap: int = 0


@dataclass(frozen=True)
class Stream:
    """One axis of a stage: when each of its operators fires, and the tensors that arrive in the stage.

    Args:
      axis: HEIGHT or WIDTH.
      schedules: of the operators, in order.
      arriving: schedule and extent of each tensor that is fed or made in the stage.
      rings: what stays of the tensors that are fed or made in the stage, for its own readers.
      reference: extent of the first source, which sets the stage's ticks; 0 before there is one.
      step: positions of the first source that arrive in each tick.
    """

    axis: Axis
    schedules: tuple[Schedule, ...] = ()
    arriving: Mapping[int, tuple[Schedule, int]] = field(default_factory=dict)
    rings: Mapping[int, Ring] = field(default_factory=dict)
    reference: int = 0
    step: int = 1

    @cached_property
    def ticks(self) -> int:
        if self.schedules[0].rate == ALL_AT_ONCE:
            return 1
        return max(ticks_until(schedule, total) for schedule, total in self.arriving.values())

    def enlarged(self, ring: Ring, tensor: int, reader: Schedule, reader_positions: int, window: Window) -> Ring:
        """The ring of an arriving tensor for one more reader, which fires by this schedule."""
        producer, total = self.arriving[tensor]
        edge = (producer, total, reader, reader_positions, window)
        # What one call writes has slots of its own, even where a stride skips it.
        least = max(ring_rows(*edge), most_per_tick(producer, total))
        return Ring(
            max(ring.positions, min(total, least)),
            ring.carry or not is_within_tick(*edge),
            max(ring.gap, newest_gap(*edge)) if self.axis is Axis.HEIGHT else 0,
        )


def begun(uses: Uses, axis: Axis, fed: tuple[int, ...], step: int = 1) -> Stream:
    """A stream before its first operator. Inputs are fed by whole rows: along the width they are all there."""
    if axis is Axis.WIDTH:
        return Stream(axis, rings={t: Ring(uses.width(t), True) for t in fed}, step=step)
    reference = uses.rows(fed[0]) if fed else 0
    arriving = {t: (arrival(uses.rows(t), reference, step), uses.rows(t)) for t in fed}
    return Stream(axis, (), arriving, dict.fromkeys(fed, Ring()), reference, step)


def added(uses: Uses, stream: Stream, node: Node, schedule: Schedule) -> Stream:
    """The stream with one more operator, which fires by this schedule."""
    rings = dict(stream.rings)
    for tensor, operand in streamed(uses, stream, node):
        window = uses.window(node, operand, stream.axis)
        assert window is not None, "an operator without a window does not stream"
        rings[tensor] = stream.enlarged(rings[tensor], tensor, schedule, extent(node, stream.axis), window)
    made = {tensor: (schedule, uses.extent(tensor, stream.axis)) for tensor in node.outputs}
    return replace(
        stream,
        schedules=(*stream.schedules, schedule),
        arriving={**stream.arriving, **made},
        rings={**rings, **dict.fromkeys(node.outputs, Ring())},
    )


def streamed(uses: Uses, stream: Stream, node: Node) -> list[tuple[int, int]]:
    """Operands that arrive in this stage: tensor and position. What is read from earlier frames stands whole."""
    arriving = stream.arriving
    return [pair for pair in uses.of_this_frame[node.index] if pair[0] in arriving]


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
    shapes: Mapping[int, Shape]


@dataclass(frozen=True)
class Draft:
    """A stage over nodes [start, end). `columns` is None where it is not split by columns.

    `demand` has the nodes whose rows follow their reader (verify.plan.forms.recomputing); their schedules say when at
    the earliest. `fixed` stands for all the rest where a stage is given as it is. `kernels` are those of the nodes, in
    their order; none: the preferred ones.
    """

    start: int
    end: int
    fed: tuple[int, ...] = ()
    rows: Stream = Stream(Axis.HEIGHT)
    columns: Stream | None = None
    demand: frozenset[int] = frozenset()
    fixed: Fixed | None = None
    kernels: tuple[Kernel[Any], ...] = ()

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

    @property
    def kept(self) -> Collection[int]:
        """Tensors of which something stays for the stage's own readers."""
        return self.fixed.shapes if self.fixed else self.rows.rings

    def recomputed(self, uses: Uses) -> set[int]:
        """Tensors whose operators follow their readers' demand."""
        numbers = self.demand
        if self.fixed:
            numbers = {k for k, firing in enumerate(self.fixed.stage.firings, self.start) if firing.demand}
        return {t for number in numbers for t in uses.graph.nodes[number].outputs}

    def nodes(self, uses: Uses) -> tuple[Node, ...]:
        return uses.graph.nodes[self.start : self.end]

    @cached_property
    def _shapes(self) -> dict[int, Shape]:
        return {}

    def shape(self, uses: Uses, tensor: int) -> Shape:
        """The smallest buffer for a kept tensor: rows, a tile, or, where it is written row by row, a ring of pixels."""
        if tensor not in self._shapes:
            self._shapes[tensor] = self.fixed.shapes[tensor] if self.fixed else self._shape(uses, tensor)
        return self._shapes[tensor]

    def _shape(self, uses: Uses, tensor: int) -> Shape:
        rows = self.rows.rings[tensor]
        if not self.columns:
            return Shape(min(rows.positions, uses.rows(tensor)), 0, 0, rows.carry)
        columns, width = self.columns.rings[tensor], uses.width(tensor)
        if tensor in self.fed:
            return Shape(rows.positions, 0, 0, True)
        if not rows.carry:  # rows of one tick: the columns wander through a tile
            return Shape(rows.positions, 0 if columns.positions >= width else columns.positions, 0, columns.carry)
        pixels = rows.gap * width + columns.positions
        if most_per_tick(*self.rows.arriving[tensor]) == 1 and pixels < rows.positions * width:
            return Shape(1, 0, pixels, True)
        return Shape(rows.positions, 0, 0, True)


def whole_tensors(uses: Uses, draft: Draft) -> list[int]:
    """Tensors that this stage computes and that must stand whole when it ends."""
    made = [t for node in draft.nodes(uses) for t in node.outputs]
    if draft.at_once:
        return made
    return [t for t in made if uses.last[t] >= draft.end or uses.kept[t] > 1]
