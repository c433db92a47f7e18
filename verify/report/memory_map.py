"""Where every tensor lies and when: rectangles of bytes by steps, from a plan's layout. Data only; nothing is drawn.

A **step** is a position of the checker's (verify.proof.layout): one feed or firing of one stage. Step -1 is before the
first. In a stage of several ticks the steps repeat every tick. Steps and bytes are half open intervals; step bounds are
fractions of a step where a buffer changes within one.

A buffer is a list of rectangles, so that one whose live part moves, grows or shrinks needs no other form.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from verify.graph.plan import Buffer, Policy, Stage
from verify.graph.sram import OPTIONAL, PARTS
from verify.proof.accesses import BEFORE
from verify.proof.layout import Layout
from verify.proof.lifetimes import Life, Scratch
from verify.report.in_use import at_position, fullest_tick, held
from verify.report.names import printable

STAIRS = 24
"""Stairs that draw a buffer which grows or shrinks over the ticks of a stage."""


@dataclass(frozen=True)
class Rect:
    """Bytes [lo_byte, hi_byte) of the arena during steps [t0, t1)."""

    t0: float
    t1: float
    lo_byte: int
    hi_byte: int


@dataclass(frozen=True)
class Block:
    """A buffer: its tensor and the bytes it holds over time; or the working memory of a kernel, of no tensor (-1).

    Args:
      kind: what it keeps: "whole", "ring", "tick" (rows of one tick), "history" (frames of a clip) or "scratch".
      rows, tensor_rows: rows that the buffer holds, and that the tensor has.
      columns, pixels: where it holds less than whole rows: columns of a tile, or the last so many pixels; else 0.
      size_bytes: bytes at its largest; `offset` is the first of them.
      written_by: label of the operator that computes it, or how it arrives.
    """

    tensor: int
    name: str
    shape: tuple[int, ...]
    kind: str
    rows: int
    tensor_rows: int
    frames: int
    offset: int
    size_bytes: int
    written_by: str
    columns: int
    pixels: int
    rects: tuple[Rect, ...]

    @property
    def title(self) -> str:
        return self.name if self.tensor < 0 else f"tensor {self.tensor} {self.name}"


@dataclass(frozen=True)
class Step:
    """One feed or firing: `op` is the operator's index, None for a feed or the time before the first step."""

    number: int
    stage: int
    op: int | None
    label: str
    used_bytes: int


@dataclass(frozen=True)
class StageSpan:
    """Steps [t0, t1) that repeat for `ticks` ticks."""

    number: int
    ticks: int
    t0: int
    t1: int


@dataclass(frozen=True)
class MemoryMap:
    """A plan's memory over time. What is not arena is counted as parts beside it: (name, bytes).

    `bound_bytes` is a lower bound for the arena, where one is known; `budget_bytes` is for the sum of all parts.
    """

    model: str
    blocks: tuple[Block, ...]
    steps: tuple[Step, ...]
    stages: tuple[StageSpan, ...]
    arena_bytes: int
    parts: tuple[tuple[str, int], ...]
    budget_bytes: int | None = None
    bound_bytes: int | None = None

    @property
    def t0(self) -> int:
        return self.steps[0].number if self.steps else 0

    @property
    def t1(self) -> int:
        return self.steps[-1].number + 1 if self.steps else 1

    @property
    def total_bytes(self) -> int:
        return self.arena_bytes + sum(size for _, size in self.parts)

    @property
    def peak(self) -> Step | None:
        """The fullest step; operators before feeds, because what lives during a feed lives while it is read, too."""
        return max(self.steps, key=lambda step: (step.used_bytes, step.op is not None), default=None)


def memory_map(layout: Layout, bound_bytes: int | None = None) -> MemoryMap:
    """The map of a plan whose layout has no faults; the plan need not be proved."""
    plan = layout.plan
    blocks = (*(_block(layout, buffer) for buffer in layout.arena_buffers()), *map(_scratch, layout.scratches))
    sizes = {"state": plan.state_bytes, "stack": plan.stack_bytes, "fifo": plan.fifo_bytes, "head": plan.head_bytes}
    parts = tuple((PARTS[part][0], size) for part, size in sizes.items() if size or part not in OPTIONAL)
    return MemoryMap(
        model=printable(plan.model_name),
        blocks=blocks,
        steps=tuple(_steps(layout, blocks)),
        stages=tuple(
            StageSpan(number, stage.ticks, span.first, span.last + 1)
            for number, (stage, span) in enumerate(zip(plan.stages, layout.spans, strict=True))
        ),
        arena_bytes=plan.arena_bytes,
        parts=parts,
        budget_bytes=plan.sram_budget,
        bound_bytes=bound_bytes,
    )


def _block(layout: Layout, buffer: Buffer) -> Block:
    writer, size = layout.writers[buffer.tensor], layout.size_bytes(buffer)
    tensor = layout.graph.tensors[buffer.tensor]
    arrives = "there from the start" if writer.place.position == BEFORE else "fed by rows"
    return Block(
        tensor=buffer.tensor,
        name=printable(tensor.name),
        shape=tensor.shape,
        kind=_kind(buffer),
        rows=buffer.rows,
        tensor_rows=writer.rows.known_total,
        frames=buffer.frames,
        offset=buffer.offset,
        size_bytes=size,
        written_by=printable(writer.node.label) if writer.node else f"network input, {arrives}",
        columns=buffer.columns,
        pixels=buffer.pixels,
        rects=tuple(rect for life in layout.lives(buffer) for rect in _rects(layout, buffer, life)),
    )


def _scratch(found: Scratch) -> Block:
    size, label = found.end - found.offset, printable(found.node.label)
    rect = Rect(found.position, found.position + 1, found.offset, found.end)
    return Block(-1, f"scratch of {label}", (size,), "scratch", 1, 1, 1, found.offset, size, label, 0, 0, (rect,))


def _kind(buffer: Buffer) -> str:
    if buffer.frames > 1:
        return "history"
    if buffer.policy is Policy.RING:
        return "ring" if buffer.carry else "tick"
    return "whole"


def _steps(layout: Layout, blocks: tuple[Block, ...]) -> list[Step]:
    """Every step with the most bytes in use then, over the ticks of its stage."""
    rects = [rect for block in blocks for rect in block.rects]
    parts = held(layout)
    places: list[tuple[int, int, int | None, str]] = []
    if any(rect.t0 < 0 for rect in rects):
        places.append((BEFORE, -1, None, "before the first step"))
    for number, (stage, span) in enumerate(zip(layout.plan.stages, layout.spans, strict=True)):
        places += [(span.first + slot, number, *what) for slot, what in enumerate(_what(layout, stage))]
    steps = []
    for position, stage, op, label in places:
        used, _ = fullest_tick(at_position(parts, position))
        used += sum(found.end - found.offset for found in layout.scratches if found.position == position)
        steps.append(Step(position, stage, op, label, used))
    return steps


def _rects(layout: Layout, buffer: Buffer, life: Life) -> Iterator[Rect]:
    """Rectangles of one part of a lifetime; stairs across its stage where rows come or go from tick to tick.

    A stair stands for some ticks and covers what any of them holds, so that stairs of two buffers may touch in the
    picture where the buffers do not.
    """
    end = life.last + 1
    if life.bytes_at is None:
        yield Rect(life.first, end, buffer.offset, buffer.offset + layout.size_bytes(buffer))
        return
    stairs, before = min(STAIRS, life.ticks), None
    for stair in range(stairs):
        low, high = stair * life.ticks // stairs, (stair + 1) * life.ticks // stairs
        held = [some for some in map(life.bytes_at, range(low, high)) if some[0] < some[1]]
        if held:
            ends = buffer.offset + min(some[0] for some in held), buffer.offset + max(some[1] for some in held)
            t0, t1 = (life.first + (end - life.first) * edge / stairs for edge in (stair, stair + 1))
            if before and (before.lo_byte, before.hi_byte) == ends:
                before = replace(before, t1=t1)
                continue
            if before:
                yield before
            before = Rect(t0, t1, *ends)
    if before:
        yield before


def _what(layout: Layout, stage: Stage) -> list[tuple[int | None, str]]:
    feeds: list[tuple[int | None, str]] = [(None, f"rows of tensor {feed.tensor} arrive") for feed in stage.feeds]
    return feeds + [(firing.op, printable(layout.nodes[firing.op].label)) for firing in stage.firings]
