"""Work between the rows of an input, against the time that a camera leaves for it: bars, and facts in words."""

import math
from dataclasses import dataclass

from verify.graph.camera import Camera
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.report.names import about, thousands
from verify.targets.choice import kernels_of
from verify.targets.line_feed import LineFeed, line_feed, row_instructions

HEIGHT = 100
"""Of the drawing, whose width is one per row."""


@dataclass(frozen=True)
class Bar:
    """Work that follows a row: `height` of HEIGHT; `state` is "within" the time to the next row, "over" it, or "last".

    The last row's work has no row to wait for it; where it is far more than any other's its bar is cut.
    """

    row: int
    height: float
    state: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RowWork:
    """The drawing and what is said about it.

    Args:
      bars: one per row.
      top: instructions at the top.
      line: height of what there is time for from row to row; None without a camera.
      cut: whether the last row's bar is cut off at the top.
      facts: pairs of a word and a value.
      held: whether a frame's work is done within a frame; None without a camera.
      frames: frames per second in a word, and what there is time for; None without a camera.
    """

    bars: tuple[Bar, ...]
    top: str
    line: float | None
    cut: bool
    facts: tuple[tuple[str, str], ...]
    held: bool | None
    frames: tuple[str, str] | None

    @property
    def over(self) -> bool:
        """Whether some work takes longer than there is time for from row to row."""
        return any(bar.state == "over" for bar in self.bars)


def row_work(graph: Graph, plan: Plan) -> RowWork | None:
    """None where no input arrives by rows, or what the kernels take has not been measured."""
    counts = row_instructions(graph, plan, kernels_of(graph, plan))
    if counts is None or len(counts) < 2:
        return None
    camera = plan.camera
    room = None if camera is None else room_of(camera)
    between = max(counts[:-1])
    top = 1.15 * max(between, room if room is not None and room <= 4 * between else 0, 1)
    feed = None if camera is None else line_feed(camera, counts)
    return RowWork(
        bars=tuple(_bar(row, count, len(counts), top, room) for row, count in enumerate(counts)),
        top=about(top),
        line=None if room is None or room > top else round(HEIGHT * room / top, 2),
        cut=counts[-1] > top,
        facts=tuple(_facts(counts, camera, feed, room)),
        held=None if feed is None else feed.held,
        frames=None if camera is None or feed is None else _frames(camera, feed),
    )


def room_of(camera: Camera) -> int:
    """Instructions that there is time for from one row to the next, interrupts of the lines taken off."""
    return max(0, camera.step * (camera.line // camera.time(1) - camera.line_instructions))


def _bar(row: int, count: int, rows: int, top: float, room: int | None) -> Bar:
    state = "last" if row == rows - 1 else "over" if room is not None and count > room else "within"
    facts = [("after row", f"{row} of {rows}"), ("instructions", f"about {thousands(count)}")]
    if state == "over":
        facts.append(("", "more than there is time for until the next row: it waits"))
    if state == "last":
        facts.append(("", "the rest of the network; no row waits for it but the next frame's"))
    return Bar(row, round(min(1.0, count / top) * HEIGHT, 2), state, tuple(facts))


def _facts(counts: list[int], camera: Camera | None, feed: LineFeed | None, room: int | None) -> list[tuple[str, str]]:
    worst = max(range(len(counts) - 1), key=counts.__getitem__)
    total, last = sum(counts), counts[-1]
    facts = [
        ("most between two rows", f"about {about(counts[worst])} instructions, after row {worst} of {len(counts)}"),
        ("after the last row", f"about {about(last)} instructions, {last / max(1, total):.0%} of all"),
    ]
    if camera is None or feed is None or room is None:
        return facts
    cycles, row = camera.millicycles / 1000, camera.step * camera.line / camera.second
    every = "every line" if camera.step == 1 else f"one line of every {camera.step}"
    facts.insert(
        0,
        (
            "camera",
            f"{camera.width} × {camera.height} at {camera.millihertz / 1000:g} frames per second, "  # noqa: RUF001
            f"{every} from line {camera.top} on",
        ),
    )
    facts.insert(1, ("processor", f"{camera.clock_hertz / 1e6:g} MHz, {cycles:g} cycles per instruction"))
    facts.insert(2, ("from row to row", f"{1000 * row:.3g} ms: about {about(room)} instructions beside interrupts"))
    if feed.held:
        rows = f"{feed.fifo_rows} row{'s' if feed.fifo_rows != 1 else ''}"
        facts.append(("FIFO", f"{rows} of {thousands(camera.row_bytes)} B, with its struct {camera.fifo_bytes} B"))
        facts.append(("result", f"{1000 * feed.latency:.3g} ms after the last row's line, at the latest"))
    else:
        facts.append(("FIFO", "no number of rows is enough: frames must be dropped"))
    facts.append(("frames per second", "; ".join(_frames(camera, feed))))
    return facts


def _frames(camera: Camera, feed: LineFeed) -> tuple[str, str]:
    most = math.floor(feed.most_hertz * 100) / 100
    return f"{camera.millihertz / 1000:g} {'held' if feed.held else 'not held'}", f"the processor has time for {most:g}"
