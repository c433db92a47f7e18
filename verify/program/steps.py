"""What a program does, step by step: the order that the generated C runs in, as events.

One frame is: inputs that do not drive stage 0 arrive whole; stage 0 runs as rows of the one that does arrive; then the
other stages. A frame without a result leaves idle stages out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from verify.ops.regions import hull, needed, scheduled
from verify.program.program import Call, Fixed, Hull, Interval, Program, Region, Stage, Steady, Turn


@dataclass(frozen=True)
class Arrive:
    """Rows [first, last) of a network input are put where they go."""

    input: int
    first: int
    last: int


@dataclass(frozen=True)
class Work:
    """A call computes result rows [y0, y1), and of these columns [x0, x1) if it is one by pixels."""

    call: Call
    y0: int
    y1: int
    x0: int = 0
    x1: int = 0


Event = Arrive | Work


def frame_events(program: Program, frame: int) -> Iterator[Event]:
    """Everything that happens in frame `frame`, counted from 0, in order."""
    has_result = result_in(program, frame)
    for k in program.push_order:
        if not program.external and (program.feed is None or k != program.feed.input):
            yield Arrive(k, 0, program.inputs[k].rows)
    for number, stage in enumerate(program.stages):
        fed = program.feed is not None and number == 0
        if has_result or not stage.idle:
            yield from _stage_events(program, stage, fed, frame)


def result_in(program: Program, frame: int) -> bool:
    """Whether the outputs are ready after this frame."""
    clip = program.clip
    return clip is None or (frame >= clip.warm_up and (frame - clip.warm_up) % clip.step == 0)


def _stage_events(program: Program, stage: Stage, fed: bool, frame: int) -> Iterator[Event]:
    tables = [_Table(region, rows, columns) for region, rows, columns in zip(*_intervals(stage, frame), strict=True)]
    outer, inner = range(stage.outer_ticks), range(stage.inner_ticks)
    steps = ((b, a) if stage.columns_outside else (a, b) for a in outer for b in inner)
    calls = [(call, tables[call.region]) for call in stage.calls]
    for n, m in steps:
        if fed and m == 0:
            assert program.feed is not None
            arrival = program.feed.arrival
            first, last = (arrival.schedule.frontier(tick, arrival.total) for tick in (n - 1, n))
            if first < last:
                yield Arrive(program.feed.input, first, last)
        for call, table in calls:
            y0, y1 = table.rows[n]
            x0, x1 = table.columns[m]
            if y0 < y1 and x0 < x1:
                yield Work(call, y0, y1, x0, x1)


class _Table:
    """A region's intervals per tick, as lists: quicker to read one by one than arrays."""

    def __init__(self, region: Region, rows: np.ndarray, columns: np.ndarray):
        self.rows = rows.tolist()
        self.columns = columns.tolist() if region.columns is not None else [[0, 1]] * len(columns)


def _intervals(stage: Stage, frame: int) -> tuple[tuple[Region, ...], list[np.ndarray], list[np.ndarray]]:
    rows: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    for region in stage.regions:
        rows.append(_at_ticks(region.rows, stage.row_ticks, rows, frame))
        columns.append(_at_ticks(region.columns or Fixed(0, 1), stage.column_ticks, columns, frame))
    return stage.regions, rows, columns


def _at_ticks(interval: Interval, ticks: int, known: list[np.ndarray], frame: int) -> np.ndarray:
    """Shape [ticks, 2]: first and one past the last position at each tick."""
    match interval:
        case Fixed(first, last):
            return np.tile([first, last], (ticks, 1))
        case Turn(frames, back):
            return np.tile([(frame - back) % frames, (frame - back) % frames + 1], (ticks, 1))
        case Steady():
            return scheduled(interval.schedule, interval.total, ticks)
        case Hull(total, needs):
            return hull((needed(known[need.region], need.window, total) for need in needs), total, ticks)
