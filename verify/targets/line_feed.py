"""What a camera's lines ask of a network that computes as they come: estimated instructions per row, and the FIFO.

Instructions are estimates (verify.targets.cost); what follows from them is exact.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verify.graph.camera import Camera
from verify.graph.graph import Graph
from verify.graph.plan import Plan, Stage
from verify.graph.tensor import Axis
from verify.ops.regions import stage_regions
from verify.targets.choice import Kernels
from verify.targets.cost import AROUND, Calls, call_price, step_price
from verify.targets.prices import PRICES
from verify.targets.stack import by_regions

LINE = 400
"""Instructions of a line's interrupt besides its pixels."""

PIXEL = {"grey8": 24, "rgb565": 38, "yuyv": 56, "bayer": 90}
"""Instructions per pixel of the network that is made of a line: what each format takes at most, in colour or grey, and
a little more (python benchmarks/bench_camera_lines.py).
"""


@dataclass(frozen=True)
class LineFeed:
    """How a network keeps up with a camera.

    Args:
      held: whether a frame's work is done within a frame's time.
      fifo_rows: rows that wait at most at once, the one that has just come included; 0 where no number is enough.
      worst_push: the most instructions between two rows; what follows the last one is not between two.
      after_last: instructions after the last row.
      latency: seconds from the frame's end to the result, at the latest.
      most_hertz: frames per second that the processor has the time for.
    """

    held: bool
    fifo_rows: int
    worst_push: int
    after_last: int
    latency: float
    most_hertz: float


def line_feed(camera: Camera, instructions: Sequence[int]) -> LineFeed:
    """What the rows of one input after another wait, given the instructions that follow each (`row_instructions`)."""
    all_of_it = sum(instructions) + camera.height * camera.line_instructions
    most = camera.clock_hertz * 1000 / (max(1, all_of_it) * camera.millicycles)
    worst = max(instructions[:-1], default=0)
    taken = [camera.taken(count) for count in instructions]
    times = [time for time in taken if time is not None]
    if len(times) < len(taken) or sum(times) > camera.frame:
        return LineFeed(False, 0, worst, instructions[-1], math.inf, most)
    arrivals, starts, end = rows_of(camera, times)
    waits = np.searchsorted(np.array(arrivals, object), np.array(starts, object), side="right") - np.arange(len(starts))
    late = end - arrivals[-1]
    return LineFeed(True, int(waits.max()), worst, instructions[-1], late / camera.second, most)


def line_instructions(pixel_format: str, columns: int) -> int:
    """That a line of the camera takes of the processor at most: an interrupt, and so many pixels made of it."""
    return LINE + PIXEL[pixel_format] * columns


def rows_of(camera: Camera, times: Sequence[int]) -> tuple[list[int], list[int], int]:
    """Of the rows of two frames when each has come and when it is taken, and when all is done.

    The second frame is as late as any later one: work that is left of frames before is less than a frame's.
    """
    arrivals: list[int] = []
    starts: list[int] = []
    end = 0
    for frame in range(2):
        for row, time in enumerate(times):
            arrivals.append(frame * camera.frame + camera.arrival(row, len(times)))
            starts.append(max(arrivals[-1], end))
            end = starts[-1] + time
    return arrivals, starts, end


def row_instructions(graph: Graph, plan: Plan, kernels: Kernels) -> list[int] | None:
    """Of each row of the input that drives the first stage, what is computed before the next one can be taken.

    After the last row that is everything else. Of a clip, in a frame with a result. None where a kernel's prices have
    not been measured, or no input arrives by rows.
    """
    feeds = plan.stages[0].feeds if plan.stages else ()
    if len(feeds) != 1:
        return None
    rows = graph.tensors[feeds[0].tensor].rows
    around = PRICES[AROUND]
    found = [around["row"]] * rows
    found[-1] += around["run"]
    tiled = frozenset(buffer.tensor for buffer in plan.buffers if buffer.tiled)
    for number, stage in enumerate(plan.stages):
        ticks = _tick_instructions(graph, stage, tiled, kernels)
        if ticks is None:
            return None
        for tick, instructions in enumerate(ticks):
            row = rows if number else feeds[0].schedule.frontier(tick, rows)
            found[max(0, row - 1)] += instructions
    return [math.ceil(instructions) for instructions in found]


def _tick_instructions(graph: Graph, stage: Stage, tiled: frozenset[int], kernels: Kernels) -> Sequence[float] | None:
    """Of each row tick of a stage."""
    rows, columns = (stage_regions(graph, stage, axis) for axis in (Axis.HEIGHT, Axis.WIDTH))
    found = [step_price(stage.columns, len(stage.firings), 0, False)] * stage.ticks
    for firing in stage.firings:
        node, split = graph.by_index[firing.op], by_regions(graph, stage, firing, tiled)
        wide = [size for size in np.diff(columns[firing.op])[:, 0].tolist() if size > 0] if split else [None]
        known: dict[int, float] = {}
        for tick, size in enumerate(np.diff(rows[firing.op])[:, 0].tolist()):
            if size > 0 and size not in known:
                prices = [call_price(kernels[firing.op], node, Calls(firing.op, size, width, 1)) for width in wide]
                if None in prices:
                    return None
                known[size] = sum(price or 0.0 for price in prices) + step_price(0, 0, len(wide), split)
            found[tick] += known[size] if size > 0 else 0.0
    return found
