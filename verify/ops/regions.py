"""Which rows and columns every operator of a stage computes at each tick, as numbers.

Along a scheduled axis that is the schedule's own interval. Along an axis of demand it is the hull of what the readers'
regions need at the same tick, clipped to the tensor: a patch's receptive field, exactly.
"""

from collections.abc import Iterable

import numpy as np

from verify.graph.graph import Graph, Node
from verify.graph.plan import Firing, Plan, Schedule, Stage
from verify.graph.tensor import Axis
from verify.graph.window import Window
from verify.ops.streaming import edge_window, extent

Region = np.ndarray
"""Shape [ticks, 2]: first and one past the last index of each tick; empty where first >= last."""


def stage_regions(graph: Graph, stage: Stage, axis: Axis) -> dict[int, Region]:
    """Per operator index, the interval of output positions along `axis` (HEIGHT or WIDTH) at each tick of that axis."""
    ticks = stage.ticks_along(axis)
    found: dict[int, Region] = {}
    for firing in reversed(stage.firings):
        node = graph.by_index[firing.op]
        if axis in firing.demand:
            found[firing.op] = _demanded(graph, node, found, axis, ticks)
        else:
            found[firing.op] = scheduled(schedule_of(firing, axis), extent(node, axis), ticks)
    return found


def schedule_of(firing: Firing, axis: Axis) -> Schedule | None:
    """The schedule along an axis; None: everything at every tick."""
    return firing.schedule if axis is Axis.HEIGHT else firing.columns


def scheduled(schedule: Schedule | None, positions: int, ticks: int) -> Region:
    """The intervals of a schedule; all positions at each tick where there is none."""
    if schedule is None:
        return np.tile(np.array([0, positions]), (ticks, 1))
    largest = schedule.grain * max(abs(schedule.rate) * ticks, abs(schedule.offset))
    kind = np.int64 if largest < 2**62 else object
    raw = schedule.grain * ((schedule.rate * np.arange(ticks).astype(kind) + schedule.offset) // schedule.period)
    complete = np.clip(raw, 0, positions).astype(np.int64)
    return np.stack([np.concatenate([[0], complete[:-1]]), complete], axis=1)


def oldest_rows(graph: Graph, stage: Stage) -> dict[int, np.ndarray]:
    """Per operator index and row tick, a row below which neither this tick nor a later one computes any."""
    found: dict[int, np.ndarray] = {}
    for firing in reversed(stage.firings):
        node = graph.by_index[firing.op]
        total = extent(node, Axis.HEIGHT)
        if Axis.HEIGHT not in firing.demand:
            found[firing.op] = scheduled(firing.schedule, total, stage.ticks)[:, 0]
            continue
        oldest = np.full(stage.ticks, total)
        for index, rows in found.items():
            reader = graph.by_index[index]
            for operand, tensor in enumerate(reader.inputs):
                window = edge_window(graph, reader, operand, node, Axis.HEIGHT) if tensor in node.outputs else None
                if window is not None:
                    first = np.maximum(0, (rows * window.stride - window.pad_before) // window.upsample)
                    oldest = np.minimum(oldest, np.where(rows < extent(reader, Axis.HEIGHT), first, total))
        found[firing.op] = oldest
    return found


def computed_macs(graph: Graph, plan: Plan) -> dict[int, int]:
    """Multiply-accumulates that each operator really does in one run of the plan, recomputed positions included."""
    macs = {}
    for stage in plan.stages:
        rows, columns = (stage_regions(graph, stage, axis) for axis in (Axis.HEIGHT, Axis.WIDTH))
        for firing in stage.firings:
            node = graph.by_index[firing.op]
            if not firing.demand:
                macs[firing.op] = node.macs
                continue
            height, width = (int(np.maximum(0, r[firing.op][:, 1] - r[firing.op][:, 0]).sum()) for r in (rows, columns))
            macs[firing.op] = node.macs * height * width // (extent(node, Axis.HEIGHT) * extent(node, Axis.WIDTH))
    return macs


def needed(region: Region, window: Window, positions: int) -> Region:
    """What the outputs of `region` read of an operand of so many positions; empty intervals are (positions, 0)."""
    first = np.maximum(0, (region[:, 0] * window.stride - window.pad_before) // window.upsample)
    start = ((region[:, 1] - 1) * window.stride - window.pad_before - window.short) // window.upsample
    last = np.minimum(positions, start + window.reach)
    empty = region[:, 0] >= region[:, 1]
    return np.stack([np.where(empty, positions, first), np.where(empty, 0, last)], axis=1)


def hull(needs: Iterable[Region], positions: int, ticks: int) -> Region:
    """At each tick the least interval that holds all `needs` of that tick; empty ones are (positions, 0)."""
    low, high = np.full(ticks, positions), np.zeros(ticks, int)
    for need in needs:
        low, high = np.minimum(low, need[:, 0]), np.maximum(high, need[:, 1])
    return np.stack([low, high], axis=1)


def _demanded(graph: Graph, node: Node, found: dict[int, Region], axis: Axis, ticks: int) -> Region:
    positions = extent(node, axis)
    needs = []
    for index, region in found.items():
        reader = graph.by_index[index]
        for operand, tensor in enumerate(reader.inputs):
            window = edge_window(graph, reader, operand, graph.producers.get(tensor), axis)
            if tensor in node.outputs and window is not None:
                needs.append(needed(region, window, positions))
    return hull(needs, positions, ticks)
