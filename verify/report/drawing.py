"""Geometry of the drawn memory map, in SVG units: where a MemoryMap's rectangles, lines and labels go on a sheet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from verify.report.memory_map import Block, MemoryMap, Rect, Step
from verify.report.names import extent, short, thousands

LEFT, RIGHT, TOP = 70, 180, 46
MAP_HEIGHT, GAP, USE_HEIGHT, BOTTOM = 400, 30, 80, 36
LEAST_WIDTH, LEAST_STEP = 940, 5
CHARACTER = 6.4
"""Width of a character of the labels, for deciding which labels fit."""

KINDS = {
    "whole": "whole tensor",
    "ring": "ring of rows",
    "tick": "rows of one tick",
    "history": "kept for later frames",
    "scratch": "working memory of a kernel",
}


@dataclass(frozen=True)
class Box:
    """A rectangle with a text inside, empty where none fits."""

    x: float
    y: float
    w: float
    h: float
    text: str = ""


@dataclass(frozen=True)
class DrawnBlock:
    """A buffer's boxes, its kind, and what to say about it: pairs of a word and a value."""

    tensor: int
    kind: str
    label: str
    boxes: tuple[Box, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """A horizontal line at `y` whose label stands at `label_y`, pushed aside where others are close."""

    kind: str
    y: float
    label: str
    label_y: float


@dataclass(frozen=True)
class Drawing:
    """All of a sheet. `beyond` says what lies above the sheet's top, such as a budget far larger than the plan."""

    title: str
    width: float
    height: float
    plot: Box
    use: Box
    step_width: float
    first_step: int
    steps: tuple[Step, ...]
    blocks: tuple[DrawnBlock, ...]
    kinds: tuple[tuple[str, str], ...]
    rest: Box
    stages: tuple[tuple[Box, bool], ...]
    byte_ticks: tuple[tuple[float, str], ...]
    step_ticks: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]
    bars: tuple[Box, ...]
    use_bound: float | None
    peak: Box | None
    beyond: str
    top_byte: float

    def place(self, step: float, byte: float) -> tuple[float, float]:
        """Where a step and a byte of the arena meet."""
        scale = _Scale(self.plot, self.first_step, self.step_width, self.top_byte)
        return scale.x(step), scale.y(byte)


def draw(memory: MemoryMap) -> Drawing:
    """The sheet of a map; wide models make a wide sheet."""
    count = max(1, memory.t1 - memory.t0)
    step_width = max(LEAST_WIDTH / count, LEAST_STEP)
    plot = Box(LEFT, TOP, step_width * count, MAP_HEIGHT)
    budget = memory.budget_bytes
    shown_budget = budget if budget is not None and budget <= 2 * max(1, memory.total_bytes) else None
    top_byte = _top(memory, shown_budget) * 1.03
    scale = _Scale(plot, memory.t0, step_width, top_byte)
    use = Box(LEFT, TOP + MAP_HEIGHT + GAP, plot.w, USE_HEIGHT)
    most = max([step.used_bytes for step in memory.steps] + [memory.bound_bytes or 0, 1])
    kinds = {block.kind for block in memory.blocks}
    return Drawing(
        title=f"memory map of {memory.model}",
        width=LEFT + plot.w + RIGHT,
        height=use.y + USE_HEIGHT + BOTTOM,
        plot=plot,
        use=use,
        step_width=step_width,
        first_step=memory.t0,
        steps=memory.steps,
        # The largest first, so that in a wrong plan a small buffer is seen on the one that it collides with.
        blocks=tuple(_block(memory, b, scale) for b in sorted(memory.blocks, key=lambda b: -b.size_bytes)),
        kinds=tuple((kind, text) for kind, text in KINDS.items() if kind in kinds),
        rest=scale.box(Rect(memory.t0, memory.t1, memory.arena_bytes, memory.total_bytes)),
        stages=tuple(_stages(memory, scale)),
        byte_ticks=tuple((scale.y(byte), text) for byte, text in byte_ticks(top_byte)),
        step_ticks=tuple(_step_ticks(memory, scale)),
        lines=tuple(_lines(memory, shown_budget, scale)),
        bars=tuple(_bar(step, scale, use, most) for step in memory.steps),
        use_bound=None if memory.bound_bytes is None else use.y + use.h * (1 - memory.bound_bytes / most),
        peak=_peak(memory, scale),
        beyond=f"budget {thousands(budget)} B, beyond the top" if budget is not None and shown_budget is None else "",
        top_byte=top_byte,
    )


def _top(memory: MemoryMap, budget: int | None) -> int:
    """The sheet's highest byte; buffers of a wrong plan that end far beyond the arena are cut off there."""
    known = max(1, memory.total_bytes, budget or 0)
    ends = max((rect.hi_byte for block in memory.blocks for rect in block.rects), default=0)
    return max(known, min(ends, 2 * known))


@dataclass(frozen=True)
class _Scale:
    plot: Box
    t0: int
    step_width: float
    top_byte: float

    def x(self, step: float) -> float:
        return round(self.plot.x + (step - self.t0) * self.step_width, 2)

    def y(self, byte: float) -> float:
        return round(self.plot.y + self.plot.h * (1 - min(byte, self.top_byte) / self.top_byte), 2)

    def box(self, rect: Rect, text: str = "") -> Box:
        x, y = self.x(rect.t0), self.y(rect.hi_byte)
        return Box(x, y, round(self.x(rect.t1) - x, 2), round(self.y(rect.lo_byte) - y, 2), text)


def _block(memory: MemoryMap, block: Block, scale: _Scale) -> DrawnBlock:
    boxes = [scale.box(rect) for rect in block.rects]
    largest = max(range(len(boxes)), key=lambda k: boxes[k].w * boxes[k].h, default=0)
    texts = [f"{short(block.name)} · {thousands(block.size_bytes)} B"]
    if block.tensor >= 0:
        texts += [f"t{block.tensor} {thousands(block.size_bytes)}", f"{block.tensor}"]
    labelled = tuple(
        Box(box.x, box.y, box.w, box.h, _fitting(tuple(texts), box)) if k == largest else box
        for k, box in enumerate(boxes)
    )
    return DrawnBlock(
        tensor=block.tensor,
        kind=block.kind,
        label=f"{block.title}, {thousands(block.size_bytes)} bytes, {KINDS[block.kind]}",
        boxes=labelled,
        facts=_facts(memory, block),
    )


def _facts(memory: MemoryMap, block: Block) -> tuple[tuple[str, str], ...]:
    first = math.floor(min((r.t0 for r in block.rects), default=0))
    last = math.ceil(max((r.t1 for r in block.rects), default=1)) - 1
    facts = [
        ("tensor", f"{block.tensor} {block.name}") if block.tensor >= 0 else ("memory", block.name),
        ("shape", extent(block.shape)),
        ("size", f"{thousands(block.size_bytes)} B"),
        ("bytes", f"{thousands(block.offset)} to {thousands(block.offset + block.size_bytes)}"),
        ("lifetime", _lifetime(memory, first, last)),
        ("policy", KINDS[block.kind]),
        ("kept", _kept(block)),
        ("written by", block.written_by),
    ]
    if block.frames > 1:
        facts.insert(6, ("frames kept", str(block.frames)))
    return tuple(facts)


def _kept(block: Block) -> str:
    if block.pixels:
        return f"the last {thousands(block.pixels)} pixels"
    rows = f"{block.rows} of {block.tensor_rows} rows"
    return f"{rows}, {block.columns} columns" if block.columns else rows


def _lifetime(memory: MemoryMap, first: float, last: float) -> str:
    text = f"step {first:g}" if first == last else f"steps {first:g} to {last:g}"
    within = [stage for stage in memory.stages if stage.t0 <= first and last < stage.t1 and stage.ticks > 1]
    return text + (f", in each of {thousands(within[0].ticks)} ticks of stage {within[0].number}" if within else "")


def _fitting(texts: Sequence[str], box: Box) -> str:
    return next((text for text in texts if box.h >= 12 and len(text) * CHARACTER + 6 <= box.w), "")


def _stages(memory: MemoryMap, scale: _Scale) -> list[tuple[Box, bool]]:
    """Columns of the stages; True for those of several ticks."""
    columns = []
    for stage in memory.stages:
        box = scale.box(Rect(stage.t0, stage.t1, 0, 0))
        loops = stage.ticks > 1
        texts = (f"stage {stage.number}: {stage.ticks:,} ticks", f"{stage.ticks:,} ticks", f"{stage.ticks:,}×")  # noqa: RUF001
        text = _fitting(texts, Box(0, 0, box.w, 20)) if loops else ""
        columns.append((Box(box.x, TOP, box.w, MAP_HEIGHT, text), loops))
    return columns


def byte_ticks(top_byte: float) -> list[tuple[int, str]]:
    """Five to ten round positions from 0 to `top_byte`, in KiB where they are that large."""
    step = 1
    while step * 10 < top_byte:
        step *= 2
    unit, name = (1024, "KiB") if step >= 1024 else (1, "B")
    return [(byte, f"{byte // unit:,} {name}" if byte else "0") for byte in range(0, int(top_byte) + 1, step)]


def _step_ticks(memory: MemoryMap, scale: _Scale) -> list[tuple[float, str]]:
    """Operator indices under the steps, as many as there is room for."""
    every = max(1, round(34 / scale.step_width))
    named = [step for step in memory.steps if step.number % every == 0]
    return [(scale.x(step.number + 0.5), "in" if step.op is None else str(step.op)) for step in named]


def _lines(memory: MemoryMap, budget: int | None, scale: _Scale) -> list[Line]:
    wanted = [("arena", memory.arena_bytes, "arena"), ("total", memory.total_bytes, "SRAM, all parts")]
    if memory.bound_bytes is not None:
        wanted.append(("bound", memory.bound_bytes, "live bytes, bound"))
    if budget is not None:
        wanted.append(("budget", budget, "budget"))
    wanted.sort(key=lambda line: line[1])
    lines: list[Line] = []
    for kind, byte, name in wanted:
        y = scale.y(byte)
        label_y = min(y, lines[-1].label_y - 14) if lines else y
        lines.append(Line(kind, y, f"{name} {thousands(byte)} B", round(label_y, 2)))
    return lines


def _bar(step: Step, scale: _Scale, use: Box, most: int) -> Box:
    height = round(use.h * step.used_bytes / most, 2)
    return Box(scale.x(step.number), round(use.y + use.h - height, 2), round(scale.step_width, 2), height)


def _peak(memory: MemoryMap, scale: _Scale) -> Box | None:
    peak = memory.peak
    if peak is None:
        return None
    text = f"peak: {thousands(peak.used_bytes)} B at step {peak.number}"
    return Box(scale.x(peak.number), TOP, round(scale.step_width, 2), MAP_HEIGHT, text)
