"""A picture of a refuted claim, from the values of its counterexample: the rows of the tensor around the failing one.

Only what the layout says is used; a claim whose failure is not about rows or bytes has no picture, only its sentence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from verify.graph.plan import Feed, Firing, Schedule
from verify.graph.tensor import Axis, row_count
from verify.graph.window import Window
from verify.ops.regions import schedule_of
from verify.ops.streaming import output_rows
from verify.proof.accesses import Read
from verify.proof.layout import Layout
from verify.proof.verdict import Refuted
from verify.report.names import printable

MOST_CELLS = 24
"""Cells that a strip shows at most, around the failing one."""


@dataclass(frozen=True)
class Cell:
    """One row or slot. `state` is "kept", "missing" or "lost"; `needed` marks the window, `failing` the row."""

    label: str
    state: str
    needed: bool
    failing: bool


@dataclass(frozen=True)
class Strip:
    """Cells side by side under a title; `before` and `after` count the cells left out at either end."""

    title: str
    cells: tuple[Cell, ...]
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class Picture:
    """What a refuted claim looks like: strips of rows, or (step, byte) on the memory map."""

    caption: str
    strips: tuple[Strip, ...] = ()
    point: tuple[int, int] | None = None


def picture(layout: Layout, claim: str, verdict: Refuted) -> Picture | None:
    """The picture of a refutation, or None where its counterexample has no place in rows or bytes."""
    values = dict(verdict.values)
    if {"t", "b"} <= values.keys():
        text = f"At step {values['t']}, byte {values['b']:,} belongs to two buffers; the map above marks the place."
        return Picture(text, point=(values["t"], values["b"]))
    if {"n", "y", "j"} <= values.keys():
        read = next((read for read in layout.reads if _subject(layout, read) == verdict.subject), None)
        # The checker's sentence says along which axis; its unknowns are named alike for both.
        axis = Axis.WIDTH if "column tick" in verdict.counterexample else Axis.HEIGHT
        return None if read is None else _failing_read(layout, read, axis, values)
    if claim == "C1" and "y" in values and "column" not in verdict.counterexample:
        return _uncovered(layout, verdict, values)
    return None


def _subject(layout: Layout, read: Read) -> str:
    return layout.reading(read)


# -- reads ------------------------------------------------------------------------------------------------------


def _failing_read(layout: Layout, read: Read, axis: Axis, values: Mapping[str, int]) -> Picture | None:
    """The operand's rows (or columns) and its ring's slots at the moment of the read."""
    writer, buffer, window = layout.writers[read.tensor], layout.buffers[read.tensor], read.window_along(axis)
    progress, unit = writer.along(axis), "row" if axis is Axis.HEIGHT else "column"
    if progress.demand or buffer.pixels or writer.place.stage > read.place.stage:
        return None  # what such a buffer holds is no run of rows that ends with the newest
    position = values["j"] if window is None else window.start(values["y"]) + values["j"] * window.dilation
    if not 0 <= position < progress.known_total:
        return None
    kept = min(progress.known_total, (buffer.rows if axis is Axis.HEIGHT else buffer.columns) or progress.known_total)
    earlier, written = _written(layout, read, axis, values["n"])
    oldest = max(written - kept, 0 if buffer.carry else earlier)
    needed = _needed(window, values["y"], progress.known_total)
    strips = [_row_strip(f"{unit}s of the tensor", progress.known_total, range(oldest, written), needed, position)]
    if kept < progress.known_total:
        strips.append(_slot_strip(unit, kept, written, needed, position))
    caption = (
        f"Stage {read.place.stage}, {'tick' if axis is Axis.HEIGHT else 'column tick'} {values['n']}: "
        f"{printable(read.node.label)} computes {unit} {values['y']} "
        f"and needs {unit} {position} of tensor {read.tensor}. "
        f"{written} of {progress.known_total} {unit}s have been written, the buffer holds {kept}."
    )
    return Picture(caption, tuple(strips))


def _needed(window: Window | None, y: int, total: int) -> set[int]:
    """What output `y` reads; of an operator that reads everything, only the failing position is marked."""
    if window is None:
        return set()
    start = window.start(y)
    first = max(0, -(start // window.dilation)) if start < 0 else 0
    taps = range(first, min(window.kernel, first + total))
    return {at for tap in taps if 0 <= (at := start + tap * window.dilation) < min(total, window.end(y))}


def _written(layout: Layout, read: Read, axis: Axis, tick: int) -> tuple[int, int]:
    """Positions of the operand that were complete before the reading firing's tick, and when that firing starts."""
    writer = layout.writers[read.tensor]
    total = writer.along(axis).known_total
    schedule = _schedule(layout, read.tensor, axis)
    if writer.place.stage < 0 or schedule is None:
        return 0, total
    if writer.place.stage < read.place.stage:
        stage = layout.plan.stages[writer.place.stage]
        return 0, schedule.frontier(stage.ticks_along(axis) - 1, total)
    late = writer.place.position >= read.place.position
    return schedule.frontier(tick - 1, total), schedule.frontier(tick - 1 if late else tick, total)


def _schedule(layout: Layout, tensor: int, axis: Axis) -> Schedule | None:
    """When a tensor's rows or columns come; None: all at once."""
    firing = layout.writers[tensor].firing
    if firing is not None:
        return schedule_of(firing, axis)
    feeds = (feed for stage in layout.plan.stages for feed in stage.feeds if feed.tensor == tensor)
    return next((feed.schedule for feed in feeds), None) if axis is Axis.HEIGHT else None


def _row_strip(title: str, total: int, held: range, needed: set[int], failing: int) -> Strip:
    shown = _around(failing, total)
    cells = tuple(
        Cell(
            label=str(at),
            state="missing" if at >= held.stop else "lost" if at < held.start else "kept",
            needed=at in needed,
            failing=at == failing,
        )
        for at in shown
    )
    return Strip(title, cells, shown.start, total - shown.stop)


def _slot_strip(unit: str, kept: int, written: int, needed: set[int], failing: int) -> Strip:
    """Slot s holds the newest written position that is s modulo the number of slots."""
    shown = _around(failing % kept, kept)
    cells = []
    for slot in shown:
        newest = written - 1 - (written - 1 - slot) % kept
        held = newest if newest >= 0 else None
        cells.append(
            Cell(
                label="garbage" if held is None else f"{unit} {held}",
                state="missing" if held is None else "kept",
                needed=held in needed,
                failing=slot == failing % kept,
            )
        )
    title = f"slots of the ring from slot {shown.start}: {unit} {failing} belongs in slot {failing % kept}"
    return Strip(title, tuple(cells), shown.start, kept - shown.stop)


def _around(centre: int, count: int) -> range:
    first = max(0, min(centre - MOST_CELLS // 2, count - MOST_CELLS))
    return range(first, min(count, first + MOST_CELLS))


# -- cover ------------------------------------------------------------------------------------------------------


def _uncovered(layout: Layout, verdict: Refuted, values: Mapping[str, int]) -> Picture | None:
    """Which rows an operator computes in all ticks together."""
    for stage in layout.plan.stages:
        for item in (*stage.feeds, *stage.firings):
            subject, rows = _scheduled(layout, item)
            scheduled = isinstance(item, Feed) or not item.demand
            if scheduled and subject == verdict.subject and 0 <= values["y"] < rows:
                done = item.schedule.frontier(stage.ticks - 1, rows)
                shown = _around(values["y"], rows)
                cells = tuple(
                    Cell(str(row), "kept" if row < done else "missing", False, row == values["y"]) for row in shown
                )
                strip = Strip("rows of its result", cells, shown.start, rows - shown.stop)
                return Picture(f"After all {stage.ticks} ticks, {done} of {rows} rows are complete.", (strip,))
    return None


def _scheduled(layout: Layout, item: Feed | Firing) -> tuple[str, int]:
    if isinstance(item, Feed):
        return f"feed of {layout.name(item.tensor)}", row_count(layout.graph.tensors[item.tensor].shape)
    node = layout.nodes[item.op]
    return node.label, output_rows(node)
