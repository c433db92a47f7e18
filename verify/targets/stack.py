"""The stack that a plan reserves: for the deepest of its stages, generated functions and the deepest kernel they call.

An assumption that the firmware build checks: it compares the reserve with the compiler's own bound of the linked image.
The frames of generated functions are a model, fitted from above to GCC's at -O1, -O2, -O3 and -Os on Cortex-M4, M7 and
M55 (tests/targets/test_stack.py compiles them again); what is below them is the kernels' own figure.
"""

from verify.graph.accounting import align
from verify.graph.graph import Graph
from verify.graph.plan import Firing, Plan, Stage
from verify.graph.tensor import Axis
from verify.ops.streaming import extent
from verify.targets.choice import Kernels

PUSH_BYTES = 48
"""Of the functions of the interface, down to the call of a stage."""

SEVERAL_ENDS_BYTES = 16
"""What they add for several inputs, or outputs: loops over the former, an early exit at one of the latter."""

FRAME_BYTES = 32
"""What the functions for frames of a clip add."""

LOOP_BYTES = 16
"""Of the function that runs the column ticks of a row tick."""

SAVED_BYTES = 40
"""Of registers that a function of a stage saves."""

VIEW_BYTES, PIXELS_BYTES = 12, 20
"""How such a function hands one operand or result to a kernel: a pointer and two counters, or four (stj_tile.h).

Those of the call that has most; of the latter, GCC keeps different numbers of them apart where regions follow demand.
"""

FEW_VIEWS, MANY_BYTES = 8, 2
"""For each view beyond so many of one call: GCC keeps addresses of theirs in memory, too (a SPLIT of 48 parts)."""

USUAL_COUNTS, COUNT_BYTES = 2, 8
"""For each different number of views beyond so many that calls of a stage have: not all of them share their places."""

INTERVAL_BYTES = 12
"""For each different interval of rows that it computes, ends kept in memory."""

REGION_BYTES = 22
"""For each region of rows and columns that follows demand; else for one, in a block with the calls that ask for it."""

TICKS_BYTES = 16
"""For what a function needs to make one region after the other."""

SEVERAL_BYTES = 16
"""For what lives across the calls of a function that has several."""


def stack_reserve(graph: Graph, plan: Plan, kernels: Kernels) -> int:
    """Bytes of stack below the caller of the generated interface."""
    tiled = frozenset(buffer.tensor for buffer in plan.buffers if buffer.tiled)
    stages = [frame_bytes(graph, stage, tiled) + _deepest(graph, stage, tiled, kernels) for stage in plan.stages]
    return interface_bytes(graph, plan) + max(stages, default=0)


def interface_bytes(graph: Graph, plan: Plan) -> int:
    """Bytes above the functions of a stage."""
    several = max(len(graph.inputs), len(graph.outputs)) > 1
    return PUSH_BYTES + SEVERAL_ENDS_BYTES * several + FRAME_BYTES * plan.goes_on


def frame_bytes(graph: Graph, stage: Stage, tiled: frozenset[int]) -> int:
    """Bytes of the generated functions of one stage, the kernels that they call left out.

    Args:
      graph: the model; the stage names operators of it.
      stage: the stage.
      tiled: tensors that are kept by pixels.
    """
    views, pixels, intervals, regions = {0}, {0}, set(), set()
    for firing in stage.firings:
        node, split = graph.by_index[firing.op], by_regions(graph, stage, firing, tiled)
        (pixels if split else views).add(len(node.inputs) + len(node.outputs))
        rows = firing.schedule, extent(node, Axis.HEIGHT)
        if split:
            # What follows demand is counted by itself, though two may need the same.
            follows = firing.op if firing.demand else None
            regions.add((rows, firing.columns, extent(node, Axis.WIDTH), follows))
        else:
            intervals.add(rows)
    saved = SAVED_BYTES + (SEVERAL_BYTES if len(stage.firings) > 1 else 0) + (LOOP_BYTES if regions else 0)
    seen = VIEW_BYTES * max(views) + MANY_BYTES * max(0, max(views) - FEW_VIEWS)
    seen += COUNT_BYTES * max(0, len(views - {0}) - USUAL_COUNTS)
    if any(firing.demand for firing in stage.firings):
        seen += PIXELS_BYTES * sum(pixels) + REGION_BYTES * len(regions)
    elif regions:
        seen += PIXELS_BYTES * max(pixels) + REGION_BYTES + TICKS_BYTES
    return align(saved + seen + INTERVAL_BYTES * len(intervals))


def _deepest(graph: Graph, stage: Stage, tiled: frozenset[int], kernels: Kernels) -> int:
    """Stack of the deepest kernel that a stage calls."""
    calls = [(kernels[firing.op], by_regions(graph, stage, firing, tiled)) for firing in stage.firings]
    return max((kernel.stack_bytes(split) for kernel, split in calls), default=0)


def by_regions(graph: Graph, stage: Stage, firing: Firing, tiled: frozenset[int]) -> bool:
    """Whether an operator is computed by its kernel for regions: its stage is split, or a tensor of it is tiled."""
    node = graph.by_index[firing.op]
    return (
        stage.columns > 1
        or any(other.demand for other in stage.firings)
        or not tiled.isdisjoint((*node.inputs, *node.outputs))
    )
