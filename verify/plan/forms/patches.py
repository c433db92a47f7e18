"""The published schemes as plans: operators up to a split run patch by patch, the others layer by layer.

    patch, patch-bypass  every patch computes its receptive field anew along both axes (MCUNetV2). Our kernels never
                         compute what lies outside the image, so both are one plan; they differ in the papers' counts
    stream-1d            columns of patches: down a column nothing is computed twice, across columns overlaps are
    stream-2d            nothing is computed twice (StreamNet-2D)
    streamnet            the last `x_level` operators as in stream-2d, those before as in stream-1d

Operators in front that change every element by itself, and that no kernel computes by regions (the QUANTIZE of a model
whose border is float or uint8), run before the patch stage: what they make is the image that the schemes speak of.
The patch stage's result stands whole, like all that later operators read. Whatever else these schemes compute is kept
in tiles and rings of the sizes that they need, exactly clipped to the image.
"""

from dataclasses import dataclass

import numpy as np

from verify.graph.plan import Firing, Schedule, Stage
from verify.graph.tensor import Axis
from verify.graph.window import POINTWISE
from verify.ops.regions import Region, needed, stage_regions
from verify.ops.streaming import extent
from verify.plan.draft import Draft, Fixed, Shape
from verify.plan.schedule import Edge, as_late_as, ticks_until
from verify.plan.uses import Uses

AXES = (Axis.HEIGHT, Axis.WIDTH)
DEMAND = {
    "patch": AXES,
    "patch-bypass": AXES,
    "stream-1d": (Axis.WIDTH,),
    "stream-2d": (),
    "streamnet": (Axis.WIDTH,),
}
"""Along which axes a scheme computes again what neighbouring patches share."""


class PatchError(Exception):
    """The network cannot be cut like this; the message says where and why."""


def patches(uses: Uses, scheme: str, n_patch: int, split: int, x_level: int = 0, pads_ends: bool = False) -> Draft:
    """Operators [first, split) in n_patch x n_patch patches of the result of operator split - 1; see `before_patches`.

    Args:
      scheme: a key of DEMAND.
      x_level: for "streamnet", operators before the split that keep what neighbouring columns of patches share.
      pads_ends: claim that only the first and the last patch of an axis read padding, as the published code does.

    Raises:
      PatchError: an operator has no columns, or its readers advance at different speeds.
    """
    nodes, first = uses.graph.nodes, before_patches(uses)
    places = range(first, split)
    if not places:
        raise PatchError(f"nothing is left to compute by patches before {nodes[split].label}; choose a later split")
    for k in places:
        if not uses.tiles(nodes[k]):
            advice = "choose an earlier split" if k > first else "it is the first, so no split will do"
            raise PatchError(f"{nodes[k].label} cannot be computed by patches; {advice}")
    level = x_level if scheme == "streamnet" else 0
    demand = {k: () if _leaves(uses, k, split) or k >= split - level else DEMAND[scheme] for k in places}
    schedules = {axis: _schedules(uses, first, split, n_patch, axis) for axis in AXES}
    ticks = {
        axis: max(ticks_until(schedules[axis][k], extent(nodes[k], axis)) for k in places if axis not in demand[k])
        for axis in AXES
    }
    firings = []
    for k in places:
        node = nodes[k]
        rows = Schedule(0, 1, 0) if Axis.HEIGHT in demand[k] else schedules[Axis.HEIGHT][k]
        columns = None if Axis.WIDTH in demand[k] else schedules[Axis.WIDTH][k]
        firings.append(Firing(node.index, rows, node.op.padding, columns, demand[k]))
    outer = Axis.WIDTH if (Axis.WIDTH,) in demand.values() else Axis.HEIGHT
    stage = Stage(outer, ticks[Axis.HEIGHT], (), tuple(firings), ticks[Axis.WIDTH], pads_ends)
    return Draft(first, split, fixed=Fixed(stage, _shapes(uses, stage, first, split)))


def before_patches(uses: Uses) -> int:
    """How many operators in front run before the patch stage."""
    for number, node in enumerate(uses.graph.nodes):
        operands = (k for k, tensor in enumerate(node.inputs) if tensor in uses.producer)  # others are constants
        if uses.tiles(node) or any(uses.window(node, k) != POINTWISE for k in operands):
            return number
    return 0


def _leaves(uses: Uses, number: int, split: int) -> bool:
    """Whether the result of an operator is needed after the patch stage, so that it must be complete."""
    return any(uses.last[t] >= split for t in uses.graph.nodes[number].outputs)


def _schedules(uses: Uses, first: int, split: int, n_patch: int, axis: Axis) -> dict[int, Schedule]:
    """How far each operator must be after each patch along an axis, from the last one backwards."""
    nodes = uses.graph.nodes
    total = extent(nodes[split - 1], axis)
    if not 1 <= n_patch <= total:
        raise PatchError(
            f"{nodes[split - 1].label} has {total} positions along {axis.value}, too few for {n_patch} patches"
        )
    grain = total // n_patch
    found: dict[int, Schedule] = {split - 1: Schedule(grain, 1, grain)}
    for k in reversed(range(first, split - 1)):
        edges = [
            Edge(found[j], extent(nodes[j], axis), window)
            for j in range(k + 1, split)
            for operand, tensor in enumerate(nodes[j].inputs)
            if tensor in nodes[k].outputs and (window := uses.window(nodes[j], operand, axis)) is not None
        ]
        schedule = as_late_as(edges)
        if schedule is None:
            raise PatchError(f"{nodes[k].label} has no reader before the split, or readers of different speed")
        found[k] = schedule
    return found


def _shapes(uses: Uses, stage: Stage, first: int, split: int) -> dict[int, Shape]:
    regions = {axis: stage_regions(uses.graph, stage, axis) for axis in AXES}
    found = {}
    for k, firing in enumerate(stage.firings, first):
        for tensor in uses.graph.nodes[k].outputs:
            if not _leaves(uses, k, split):
                sizes = {axis: _kept(uses, firing, tensor, regions[axis], axis) for axis in AXES}
                found[tensor] = _shape(uses, stage, tensor, sizes, regions[Axis.HEIGHT][firing.op])
    return found


@dataclass(frozen=True)
class Kept:
    """Positions of a tensor that must stay along an axis, whether readers only read what their own tick computed, and
    how far the first position still read lies behind the newest one."""

    positions: int
    fresh: bool
    gap: int


def _kept(uses: Uses, firing: Firing, tensor: int, regions: dict[int, Region], axis: Axis) -> Kept:
    made = regions[firing.op]
    span = int(np.max(made[:, 1] - made[:, 0], initial=1))
    if axis in firing.demand:
        return Kept(span, True, span - 1)
    # What one call writes has slots of its own, even where nothing reads it: a stride that skips rows.
    most, gap, fresh, total = span, 0, True, uses.extent(tensor, axis)
    for number in uses.readers[tensor]:
        reader = uses.graph.nodes[number]
        for operand, read in enumerate(reader.inputs):
            window = uses.window(reader, operand, axis) if read == tensor else None  # others may be constants
            if window is None:
                continue
            need = needed(regions[reader.index], window, total)
            some = need[:, 0] < need[:, 1]
            newest = np.where(made[:, 0] < made[:, 1], made[:, 1] - 1, made[:, 1])
            most = max(most, int(np.max((made[:, 1] - need[:, 0])[some], initial=1)))
            gap = max(gap, int(np.max((newest - need[:, 0])[some], initial=0)))
            fresh &= bool(np.all((need[:, 0] >= made[:, 0])[some]))
    return Kept(min(total, most), fresh, gap)


def _shape(uses: Uses, stage: Stage, tensor: int, kept: dict[Axis, Kept], rows_made: Region) -> Shape:
    """The smallest buffer that the checker accepts (claim C3)."""
    rows, columns, width = kept[Axis.HEIGHT], kept[Axis.WIDTH], uses.width(tensor)
    carry = not (rows.fresh and columns.fresh)
    outer = rows if stage.axis is Axis.HEIGHT else columns
    if outer.fresh:
        return Shape(rows.positions, 0 if columns.positions >= width else columns.positions, 0, carry)
    if stage.axis is Axis.WIDTH:
        return Shape(uses.rows(tensor), 0 if columns.positions >= width else columns.positions, 0, True)
    pixels = rows.gap * width + columns.positions
    if int(np.max(rows_made[:, 1] - rows_made[:, 0])) == 1 and pixels < rows.positions * width:
        return Shape(1, 0, pixels, True)
    return Shape(rows.positions, 0, 0, True)
