"""Geometry of the drawn memory map, in SVG units: where a MemoryMap's rectangles, lines and labels go on a sheet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from verify.report.memory_map import Block, MemoryMap, Rect, Step
from verify.report.names import extent, labels, middle, thousands

TOP = 46
MAP_HEIGHT, GAP, USE_HEIGHT, BOTTOM = 400, 30, 80, 36
KEY_HEIGHT, LINE_HEIGHT = 17, 12
CHARACTER = 6.9
"""Width of a character of the labels, for deciding which labels fit."""

LEAST_NAME = 9
"""Characters below which a shortened name says nothing."""

KINDS = {
    "whole": "whole tensor",
    "ring": "ring of rows",
    "tick": "rows of one tick",
    "history": "kept for later frames",
    "scratch": "working memory of a kernel",
}


@dataclass(frozen=True)
class Sheet:
    """Room on a sheet: beside the map, the least width of the map and of a step; `below` puts what the right margin
    says under the map.
    """

    left: int
    right: int
    width: int
    step: int
    below: bool


WIDE = Sheet(70, 200, 920, 5, below=False)
NARROW = Sheet(54, 6, 300, 0, below=True)
"""For phones, at whose width the wide one would be too small to read; as wide for the longest model."""


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
    """A buffer's boxes, its kind, where its name stands, and what to say about it: pairs of a word and a value."""

    tensor: int
    kind: str
    label: str
    boxes: tuple[Box, ...]
    name: Box | None
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Line:
    """A horizontal line at `y` whose label stands at `label_y`: beside it, pushed aside where others are close, or
    below the map.
    """

    kind: str
    y: float
    label: str
    label_y: float


@dataclass(frozen=True)
class Key:
    """What a colour stands for, and where that is said."""

    kind: str
    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Drawing:
    """All of a sheet. `beyond` says what lies above the sheet's top, such as a budget far larger than the plan."""

    title: str
    sheet: Sheet
    width: float
    height: float
    plot: Box
    use: Box
    step_width: float
    first_step: int
    steps: tuple[Step, ...]
    blocks: tuple[DrawnBlock, ...]
    keys: tuple[Key, ...]
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


def draw(memory: MemoryMap, sheet: Sheet = WIDE) -> Drawing:
    """The map drawn on a sheet, which long models make wider."""
    count = max(1, memory.t1 - memory.t0)
    step_width = max(sheet.width / count, sheet.step)
    plot = Box(sheet.left, TOP, step_width * count, MAP_HEIGHT)
    budget = memory.budget_bytes
    shown_budget = budget if budget is not None and budget <= 2 * max(1, memory.total_bytes) else None
    top_byte = _top(memory, shown_budget) * 1.03
    scale = _Scale(plot, memory.t0, step_width, top_byte)
    use = Box(sheet.left, TOP + MAP_HEIGHT + GAP, plot.w, USE_HEIGHT)
    most = max([step.used_bytes for step in memory.steps] + [memory.bound_bytes or 0, 1])
    bottom = use.y + USE_HEIGHT + BOTTOM
    lines, keys = _lines(memory, shown_budget, scale), _keys(memory, plot, use)
    if sheet.below:
        places = [bottom + KEY_HEIGHT * k + 8 for k in range(len(lines) + len(keys))]
        lines = [replace(line, label_y=y) for line, y in zip(reversed(lines), places, strict=False)]
        keys = [replace(key, x=8, y=y - 6) for key, y in zip(keys, places[len(lines) :], strict=True)]
        bottom = places[-1] + KEY_HEIGHT
    tensors = [block for block in memory.blocks if block.tensor >= 0]
    names = dict(zip(tensors, labels([block.name for block in tensors]), strict=True))
    return Drawing(
        title=f"memory map of {memory.model}",
        sheet=sheet,
        width=sheet.left + plot.w + sheet.right,
        height=bottom,
        plot=plot,
        use=use,
        step_width=step_width,
        first_step=memory.t0,
        steps=memory.steps,
        # The largest first, so that in a wrong plan a small buffer is seen on the one that it collides with.
        blocks=tuple(
            _block(memory, b, names.get(b, "scratch"), scale)
            for b in sorted(memory.blocks, key=lambda b: -b.size_bytes)
        ),
        keys=tuple(keys),
        rest=scale.box(Rect(memory.t0, memory.t1, memory.arena_bytes, memory.total_bytes)),
        stages=tuple(_stages(memory, scale)),
        byte_ticks=tuple((scale.y(byte), text) for byte, text in byte_ticks(top_byte)),
        step_ticks=tuple(_step_ticks(memory, scale)),
        lines=tuple(lines),
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


def _block(memory: MemoryMap, block: Block, name: str, scale: _Scale) -> DrawnBlock:
    boxes = [scale.box(rect) for rect in block.rects]
    room = _room(boxes)
    text = "" if room is None else _name(name, block.size_bytes, room)
    return DrawnBlock(
        tensor=block.tensor,
        kind=block.kind,
        label=f"{block.title}, {thousands(block.size_bytes)} bytes, {KINDS[block.kind]}",
        boxes=tuple(boxes),
        name=replace(room, text=text) if room is not None and text else None,
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


def _room(boxes: Sequence[Box]) -> Box | None:
    """The widest place for a line of text within boxes that touch side by side, such as stairs; None for none."""
    best: Box | None = None
    for k, first in enumerate(boxes):
        top, bottom, end = first.y, first.y + first.h, first.x
        for box in boxes[k:]:
            top, bottom = max(top, box.y), min(bottom, box.y + box.h)
            if abs(box.x - end) > 0.1 or bottom - top < LINE_HEIGHT:
                break
            end = box.x + box.w
            if best is None or end - first.x > best.w:
                best = Box(first.x, top, round(end - first.x, 2), round(bottom - top, 2))
    return best


def _name(name: str, size_bytes: int, box: Box) -> str:
    """A buffer's name and size, its name shortened in the middle, or nothing, as there is room."""
    size = f" · {thousands(size_bytes)} B"
    room = int((box.w - 6) / CHARACTER)
    if room >= len(size) + min(len(name), 2 * LEAST_NAME):
        return middle(name, room - len(size)) + size
    return middle(name, room) if room >= min(len(name), LEAST_NAME) else ""


def _keys(memory: MemoryMap, plot: Box, use: Box) -> list[Key]:
    kinds = {block.kind for block in memory.blocks}
    shown = [(kind, text) for kind, text in KINDS.items() if kind in kinds]
    return [Key(kind, text, plot.x + plot.w + 14, use.y + KEY_HEIGHT * k) for k, (kind, text) in enumerate(shown)]


def _fitting(texts: Sequence[str], box: Box) -> str:
    return next((text for text in texts if box.h >= LINE_HEIGHT and len(text) * CHARACTER + 6 <= box.w), "")


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
    every = max(1, math.ceil(26 / scale.step_width))
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
