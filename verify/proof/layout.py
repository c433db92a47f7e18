"""A plan laid over its model: who writes and reads each tensor, at which place in time, and for how long it lives.

Everything here is derived from the graph and the plan's lists; a plan that does not even name every operator and
tensor once is reported as a fault of claim C1 or C4 and goes no further.

A **position** numbers the feeds and firings of all stages in order. Buffers live over an interval of positions; in a
stage of several ticks a buffer that carries rows from tick to tick lives through all positions of that stage.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from verify.graph.graph import Graph, Node
from verify.graph.plan import Buffer, Firing, InputMode, Plan, Policy, Stage
from verify.graph.tensor import Axis, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.regions import oldest_rows, stage_regions
from verify.ops.streaming import output_rows, written_rows
from verify.proof.progress import Progress, all_at_once, demanded, scheduled
from verify.proof.progress import start as start_term
from verify.proof.sizes import Sizes
from verify.targets.kernel import Kernel
from verify.targets.registry import target_named
from verify.targets.target import NoKernelError

FEW_TICKS, FEW_STEPS = 1 << 16, 1 << 18
"""Ticks along an axis, and steps, that any stage may have; of a large model, twice its largest side or tensor."""

BEFORE = -1
"""The position at which a network input that stands in memory comes into being."""


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


@dataclass(frozen=True)
class Scratch:
    """Bytes [offset, end) of the arena that a kernel works in while its operator, at `position`, runs."""

    node: Node
    position: int
    offset: int
    end: int


@dataclass(frozen=True)
class Life:
    """Part of a lifetime, positions [first, last]: the rows of a tensor that are written and still needed in tick n.

    `first_row` and `end_row` are terms in n, for n in [0, ticks); where absent, the buffer counts from its start, to
    its end. `rows_at` gives the same in numbers.
    """

    first: int
    last: int
    ticks: int = 0
    first_row: str = ""
    end_row: str = ""
    rows_at: Callable[[int], tuple[int, int]] | None = None
    definitions: tuple[str, ...] = ()


class Layout:
    """The derived facts of one plan. `faults` is empty or nothing else may be used."""

    def __init__(self, graph: Graph, plan: Plan, sizes: Sizes | None = None):
        self.graph, self.plan, self.sizes = graph, plan, sizes or Sizes(graph, plan)
        self.nodes = {node.index: node for node in graph.nodes}
        self.kernels: dict[int, Kernel[Any]] = {}
        self.faults = [*self._tick_faults(), *self._op_faults(), *self._kernel_faults()]
        self.faults += [*self._feed_faults(), *self._buffer_faults()]
        self.faults += [] if self.faults else [*self._column_faults()]
        if self.faults:
            return
        self.spans = self._stage_spans()
        self.buffers = {buffer.tensor: buffer for buffer in plan.buffers}
        self.progress = self._find_progress()
        self.writers = self._find_writers()
        self.reads = list(self._find_reads())
        self.lifetimes = {tensor: self._lifetime(tensor) for tensor in self.buffers}
        self.lifetimes |= dict(self._takeovers())
        self.scratches = list(self._find_scratches())
        self._lives: dict[int, list[Life]] = {}  # asked for once per pair of buffers

    def name(self, tensor: int) -> str:
        return f'tensor {tensor} "{self.graph.tensors[tensor].name}"'

    def arena_buffers(self) -> list[Buffer]:
        """Buffers that take bytes of the arena, in the order of the plan."""
        return [b for b in self.plan.buffers if b.policy is not Policy.EXTERNAL]

    def size_bytes(self, buffer: Buffer) -> int:
        if buffer.tiled:
            return buffer.frames * buffer.slots(self.width(buffer.tensor)) * self.pixel_bytes(buffer.tensor)
        return buffer.frames * buffer.rows * self.row_bytes(buffer.tensor)

    def rows(self, tensor: int) -> int:
        return written_rows(self.graph, tensor, self.writers[tensor].node)

    def width(self, tensor: int) -> int:
        """Columns of an image."""
        return self.graph.tensors[tensor].shape[-2]

    def row_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].size_bytes // self.rows(tensor)

    def pixel_bytes(self, tensor: int) -> int:
        return self.graph.tensors[tensor].shape[-1] * self.graph.tensors[tensor].dtype.size_bytes

    def reads_of(self, tensor: int) -> list[Read]:
        return [read for read in self.reads if read.tensor == tensor]

    def lives(self, buffer: Buffer) -> list[Life]:
        """The lifetime of a buffer, in which the stages that fill or empty it by rows are told apart.

        A tensor that stands whole and that one stage computes by rows takes, in tick n, only the rows up to this
        tick's; one that a stage reads for the last time only those that this tick or a later one still reads. So a
        stage's result may be written over its operand, as long as the one keeps behind the other.
        """
        if buffer.tensor not in self._lives:
            self._lives[buffer.tensor] = self._find_lives(buffer)
        return self._lives[buffer.tensor]

    def lives_at(self, buffer: Buffer, position: int) -> bool:
        """Whether any byte of it belongs to it then."""
        return any(life.first <= position <= life.last for life in self.lives(buffer))

    def _find_lives(self, buffer: Buffer) -> list[Life]:
        life = self.lifetimes[buffer.tensor]
        writer, reads = self.writers[buffer.tensor], self.reads_of(buffer.tensor)
        stages = {writer.place.stage} if writer.firing else set()
        if buffer.tensor not in self.graph.outputs:
            stages |= {max((read.place.stage for read in reads), default=-1)} - {-1}
        if buffer.policy is not Policy.WHOLE or buffer.frames > 1:
            stages = set()
        parts = {number: part for number in sorted(stages) if (part := self._part(buffer.tensor, number, life))}
        found, start = [], life.first
        for number, part in parts.items():
            if start < self.spans[number].first:
                found.append(Life(start, self.spans[number].first - 1))
            found.append(part)
            start = part.last + 1
        return found + ([Life(start, life.last)] if start <= life.last or not found else [])

    def definitions(self, buffer: Buffer) -> list[str]:
        """What the terms of its lives refer to."""
        return [text for life in self.lives(buffer) for text in life.definitions]

    def _part(self, tensor: int, number: int, life: Lifetime) -> Life | None:
        """The part of a lifetime in one stage, if the tensor is filled or emptied there by rows."""
        stage = self.plan.stages[number]
        if stage.ticks == 1 or stage.axis is not Axis.HEIGHT:
            return None
        writer, reads = self.writers[tensor], self.reads_of(tensor)
        here = [read for read in reads if read.place.stage == number]
        filled = writer.firing is not None and writer.place.stage == number
        last = number == max((r.place.stage for r in reads), default=-1) and tensor not in self.graph.outputs
        emptied = last and all(r.window is not None and r.delays == (0,) for r in here)
        if not filled and not emptied:
            return None
        total = self.rows(tensor)
        definitions: dict[str, None] = {}
        first = ""
        for read in here if emptied else []:
            window = read.window
            assert window is not None
            definitions |= dict.fromkeys(read.rows.definitions)
            before = read.rows.oldest("n")
            need = f"(let ((p {start_term('a', window)})) (ite (< p 0) 0 (ite (< p {total}) p {total})))"
            oldest = f"(let ((a {before})) (ite (< a {read.rows.total}) {need} {total}))"
            first = f"(let ((u {oldest}) (v {first})) (ite (< u v) u v))" if first else oldest
        end = writer.rows.after("n") if filled else ""
        span = self.spans[number]
        numbers = self._rows_at(tensor, stage, here if emptied else [], filled)
        places = max(span.first, life.first), min(span.last, life.last)
        return Life(*places, stage.ticks, first, end, numbers, tuple(definitions))

    def _rows_at(self, tensor: int, stage: Stage, reads: list[Read], filled: bool) -> Callable[[int], tuple[int, int]]:
        regions, total = stage_regions(self.graph, stage, Axis.HEIGHT), self.rows(tensor)
        lowest = oldest_rows(self.graph, stage)

        def oldest(read: Read, tick: int) -> int:
            first = int(lowest[read.node.index][tick])
            assert read.window is not None
            return total if first >= output_rows(read.node) else min(total, max(0, read.window.start(first)))

        def rows_at(tick: int) -> tuple[int, int]:
            node = self.writers[tensor].node
            end = int(regions[node.index][tick][1]) if filled and node else total
            return min((oldest(read, tick) for read in reads), default=0), end

        return rows_at

    def holds(self, buffer: Buffer, byte: int, position: int, tick: int) -> bool:
        """Whether a byte of the arena belongs to this buffer at a position, in a tick of that position's stage."""
        for life in self.lives(buffer):
            if life.first <= position <= life.last:
                low, high = buffer.offset, buffer.offset + self.size_bytes(buffer)
                if life.rows_at and tick < life.ticks:
                    first, end = life.rows_at(tick)
                    size = self.row_bytes(buffer.tensor)
                    low, high = low + first * size, low + end * size
                return low <= byte < high
        return False

    # -- the plan names everything once -------------------------------------------------------------------------

    def _tick_faults(self) -> Iterator[Fault]:
        """Counts of ticks out of all proportion to the model, before anything is made per tick."""
        activations = [tensor for tensor in self.graph.tensors.values() if tensor.data is None]
        most = max(FEW_TICKS, *(2 * side for tensor in activations for side in tensor.shape))
        pixels = max(FEW_STEPS, *(2 * tensor.elements for tensor in activations))
        for number, stage in enumerate(self.plan.stages):
            for unit, ticks in (("row", stage.ticks), ("column", stage.columns)):
                if ticks > most:
                    text = f"has {ticks} {unit} ticks; nothing in this model has use for more than {most}"
                    yield Fault("C1", f"stage {number}", text)
            if stage.ticks <= most >= stage.columns and stage.steps > pixels:
                text = f"has {stage.steps} steps, row by column; nothing in this model has use for more than {pixels}"
                yield Fault("C1", f"stage {number}", text)

    def _op_faults(self) -> Iterator[Fault]:
        listed = [firing.op for stage in self.plan.stages for firing in stage.firings]
        for index in sorted(set(listed) - set(self.nodes)):
            yield Fault("C1", f"op {index}", "the plan runs it, but the model has no operator of this index")
        for index, node in self.nodes.items():
            if listed.count(index) != 1:
                yield Fault("C1", node.label, f"the plan runs it {listed.count(index)} times; it must run exactly once")

    def _kernel_faults(self) -> Iterator[Fault]:
        """Kernels that the plan's target does not have, or that do not compute their operator; fills `kernels`."""
        try:
            target = target_named(self.plan.target)
        except NoKernelError as error:
            yield Fault("C1", "plan", str(error))
            return
        for firing in (firing for stage in self.plan.stages for firing in stage.firings):
            node, kernel = self.nodes.get(firing.op), target.kernel(firing.kernel)
            if kernel is None:
                name = firing.kernel or "none"
                yield Fault("C1", f"op {firing.op}", f"names kernel {name!r}, which target {target.name} does not have")
            elif node is not None and not target.fits(kernel, node):
                yield Fault("C1", node.label, f"cannot be computed by kernel {kernel.name} on target {target.name}")
            elif node is not None and (kernel.scratch_bytes(node) > 0) != (firing.scratch is not None):
                text = f"kernel {kernel.name} needs {kernel.scratch_bytes(node)} bytes of working memory"
                given = "none" if firing.scratch is None else f"some at byte {firing.scratch}"
                yield Fault("C4", node.label, f"{text}; the plan gives it {given}")
            else:
                self.kernels[firing.op] = kernel

    def tiles(self, node: Node) -> bool:
        """Whether regions of an operator can be computed by themselves, and the plan's kernel does so."""
        return node.op.tile_wise and self.kernels[node.index].tiles(node)

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
        if buffer.tiled and (buffer.policy is not Policy.RING or not is_image(self.graph.tensors[buffer.tensor].shape)):
            yield Fault("C3", subject, "only a ring of an image can hold less than whole rows")
        if buffer.pixels and (buffer.columns or buffer.rows != 1):
            yield Fault("C3", subject, "a ring of pixels is given by their number alone, with rows 1 and no columns")

    def _column_faults(self) -> Iterator[Fault]:
        """Stages of several column ticks, and tiles, where operators can neither be split by columns nor followed."""
        made = {t: n for n in self.graph.nodes for t in n.outputs}
        buffers = {buffer.tensor: buffer for buffer in self.plan.buffers}
        for number, stage in enumerate(self.plan.stages):
            if stage.axis is Axis.TIME:
                yield Fault("C1", f"stage {number}", "a stage runs along height or width")
            if stage.axis is Axis.WIDTH and stage.feeds:
                yield Fault("C1", f"stage {number}", "rows arrive, so the outer loop must run along height")
            for firing in stage.firings:
                node = self.nodes[firing.op]
                tiled = any(buffers[t].tiled for t in (*node.inputs, *node.outputs) if t in buffers)
                followed = any(other.demand for other in stage.firings)  # then all of the stage are regions
                if (tiled or stage.columns > 1 or followed) and not self.tiles(node):
                    yield Fault(
                        "C1", node.label, "cannot be computed by columns, but the plan splits it or a tensor of it"
                    )
                if stage.columns > 1 and firing.columns is None and Axis.WIDTH not in firing.demand:
                    yield Fault("C1", node.label, f"has no schedule for the {stage.columns} column ticks of its stage")
                if firing.demand and any(buffers[t].policy is not Policy.RING for t in node.outputs):
                    yield Fault("C1", node.label, "follows demand, but a tensor of it stands whole")
                readers = {f.op for f in stage.firings}
                if firing.demand and any(
                    n.index not in readers or not self.tiles(n)
                    for t in node.outputs
                    for n in self.graph.nodes
                    if t in n.inputs
                ):
                    yield Fault("C1", node.label, "follows the demand of a reader that its stage does not have")
        for tensor, buffer in buffers.items():
            if buffer.tiled and tensor not in made:
                yield Fault("C3", f"tensor {tensor}", "network inputs are kept by whole rows")

    # -- derived facts ------------------------------------------------------------------------------------------

    def _stage_spans(self) -> list[Lifetime]:
        spans, start = [], 0
        for stage in self.plan.stages:
            end = start + len(stage.feeds) + len(stage.firings)
            spans.append(Lifetime(start, end - 1))
            start = end
        return spans

    def _find_scratches(self) -> Iterator[Scratch]:
        for stage, place, slot in self._places():
            firing = stage.firings[slot - len(stage.feeds)] if slot >= len(stage.feeds) else None
            if firing is not None and firing.scratch is not None:
                node = self.nodes[firing.op]
                size = self.kernels[firing.op].scratch_bytes(node)
                yield Scratch(node, place.position, firing.scratch, firing.scratch + size)

    def _places(self) -> Iterator[tuple[Stage, Place, int]]:
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
        schedule = firing.schedule if axis is Axis.HEIGHT else firing.columns
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
        for stage, place, slot in self._places():
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
        for stage, place, slot in self._places():
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
        if self.plan.stages[place.stage].steps > 1:
            return self.spans[place.stage]
        return Lifetime(place.position, place.position)

    def _takeovers(self) -> Iterator[tuple[int, Lifetime]]:
        """Tensors whose storage is taken over by the operator that reads them last, so that they end just before it.

        Sound because the operator's kernel reads element i of the operand before it writes element i of the output
        (Kernel.in_place), both have the same bytes at the same address, and nothing reads the operand afterwards.
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
        same_place = replace(target, tensor=buffer.tensor, policy=buffer.policy, carry=buffer.carry) == buffer
        same_rows = self.row_bytes(output) == self.row_bytes(buffer.tensor) and (
            self.rows(output) == self.rows(buffer.tensor) == output_rows(node)
        )
        return (
            same_place
            and buffer.frames == 1
            and same_rows
            and len(node.outputs) == 1
            and self.lifetimes[output].first == life.last
            and life.first < life.last
            and all(
                read.operand in self.kernels[node.index].in_place(node) and read.window == POINTWISE for read in reads
            )
        )
