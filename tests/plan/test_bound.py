"""The bound on live bytes against a count pixel by pixel, and against proved arenas."""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.random_models import Net, networks
from tests.tiny_model import constant
from verify.graph.graph import Graph, Node
from verify.graph.plan import Firing, InputMode, Plan, Schedule, Stage
from verify.graph.tensor import Axis, is_image
from verify.ops.regions import stage_regions
from verify.ops.streaming import output_rows
from verify.plan.bound import live_bytes_bound
from verify.plan.request import PlanningError, Request
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.report.summary import fullest
from verify.tflite import read_model

Pixel = tuple[int, int, int]
"""Tensor, row, column."""

KINDS = (("layer", 1.0), ("stream", 1.0), ("auto", 1.0), ("auto", 3.0), ("patch", 1.0), ("stream-2d", 1.0))
"""Scheme, and how many times the layer-wise MACs it may spend."""


def test_a_constant_operand_has_no_extent() -> None:
    """It is read like an activation, but nothing of it is alive in the arena."""
    net = Net(1)
    x = net.conv(net.input(1, 6, 5, 2), 3, (3, 3), (1, 1), (1, 1))
    net.append("MAXIMUM", [x, constant(net.next(), np.zeros((3,), np.int8), 0.05, 3)], net.activation(x.shape, 0.1), {})
    graph = net.graph()
    for scheme in ("layer", "stream", "auto"):
        plan = make_plan(graph, Request(scheme))
        assert 0 < live_bytes_bound(Uses(graph), plan) <= plan.arena_bytes


@settings(max_examples=60, deadline=None)
@given(
    networks(),
    st.sampled_from(InputMode),
    st.sampled_from([("layer", 1.0), ("stream", 1.0), ("auto", 1.0), ("auto", 3.0)]),
)
def test_the_bound_is_the_most_live_bytes_and_no_arena_is_smaller(
    net: Net, mode: InputMode, kind: tuple[str, float]
) -> None:
    graph = net.graph()
    try:
        plan = make_plan(graph, Request(kind[0], mode, max_macs=kind[1]))
    except PlanningError:
        assume(False)  # published schemes say nothing about this network
    bound = live_bytes_bound(Uses(graph), plan)
    assert graph.goes_on or bound == most_live(graph, plan)  # which counts one run, without what is kept from the last
    assert bound <= fullest(graph, plan)["bytes"] <= plan.arena_bytes


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from([Axis.HEIGHT, Axis.WIDTH]))
def test_patches_that_compute_their_receptive_fields_anew(data: st.DataObject, axis: Axis) -> None:
    net = Net(data.draw(st.integers(0, 99)))
    x = net.input(1, data.draw(st.integers(4, 14)), data.draw(st.integers(4, 12)), 2)
    sides = st.integers(1, 3)
    for _ in range(data.draw(st.integers(1, 4))):
        kernel, stride = (data.draw(sides), data.draw(sides)), (data.draw(st.integers(1, 2)), data.draw(sides))
        x = net.conv(x, data.draw(sides), kernel, stride, (1, 1))
    graph = net.graph()
    rows, columns = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    height, width = graph.output_shapes[0][1:3]
    stage = Stage(
        axis,
        -(-height // rows),
        (),
        tuple(
            Firing(node.index, Schedule(rows, 1, rows), None, Schedule(columns, 1, columns), demand)
            for node in graph.nodes
            for demand in [() if node is graph.nodes[-1] else (Axis.HEIGHT, Axis.WIDTH)]
        ),
        -(-width // columns),
    )
    plan = replace(make_plan(graph, Request("layer", InputMode.WHOLE)), stages=(stage,))
    assert live_bytes_bound(Uses(graph), plan) == most_live(graph, plan)


@settings(max_examples=60, deadline=None)
@given(networks(), st.sampled_from(InputMode), st.data())
def test_rows_that_some_operators_compute_anew(net: Net, mode: InputMode, data: st.DataObject) -> None:
    graph = net.graph()
    plan = make_plan(graph, Request("stream", mode))
    stages = []
    for stage in plan.stages:
        ops = [firing.op for firing in stage.firings]
        inner = [n for n in graph.nodes if n.index in ops and _read_only_by(graph, n, ops)]
        anew = data.draw(st.sets(st.sampled_from([n.index for n in inner]))) if inner and stage.ticks > 1 else set()
        firings = (replace(f, demand=(Axis.HEIGHT,)) if f.op in anew else f for f in stage.firings)
        stages.append(replace(stage, firings=tuple(firings)))
    plan = replace(plan, stages=tuple(stages))
    assert live_bytes_bound(Uses(graph), plan) == most_live(graph, plan)


def _read_only_by(graph: Graph, node: Node, ops: list[int]) -> bool:
    readers = [n.index for t in node.outputs for n in graph.readers.get(t, ())]
    return bool(readers) and set(readers) <= set(ops) and not set(node.outputs) & set(graph.outputs)


@pytest.mark.parametrize("scheme", ["layer", "stream", "auto"])
def test_a_zoo_model_takes_less_than_a_second(models_dir: Path, scheme: str) -> None:
    path = models_dir / "mcunet_zoo" / "mcunet-5fps_vww.tflite"
    graph = read_model(path.read_bytes(), path.stem)
    plan = make_plan(graph, Request(scheme))
    start = time.process_time()
    bound = live_bytes_bound(Uses(graph), plan)
    assert time.process_time() - start < 1
    assert 0.75 * plan.arena_bytes < bound <= plan.arena_bytes


def most_live(graph: Graph, plan: Plan) -> int:
    """The most bytes of pixels that have been written and whose next event is a read, after any firing."""
    uses, events = Uses(graph), defaultdict(list)
    skipped = set(graph.inputs) if plan.input_mode is InputMode.PATCHES else set()
    fed = {feed.tensor for stage in plan.stages for feed in stage.feeds}
    for tensor in set(graph.inputs) - fed:
        for pixel in pixels(uses, tensor):
            events[pixel].append((0, "write"))
    now = 1
    for stage in plan.stages:
        for step in steps(graph, uses, stage):
            for kind, touched in step:  # what a firing reads, it reads before it writes
                for pixel in touched:
                    events[pixel].append((now, kind))
            now += 1
    for tensor in graph.outputs:
        for pixel in pixels(uses, tensor):
            events[pixel].append((now, "read"))
    change = np.zeros(now + 2, np.int64)
    for (tensor, _, _), happened in events.items():
        for (begin, kind), (end, following) in pairwise(happened):
            if following == "read" and tensor not in skipped:
                assert (begin, kind) != (end, "read")
                change[begin] += pixel_bytes(uses, tensor)
                change[end] -= pixel_bytes(uses, tensor)
    return int(np.cumsum(change).max())


def steps(graph: Graph, uses: Uses, stage: Stage) -> Iterator[list[tuple[str, set[Pixel]]]]:
    """Reads and writes of every feed and firing in order; those of an operator by itself are taken row by row."""
    alone = graph.by_index[stage.firings[0].op] if stage.steps == len(stage.firings) == 1 else None
    if alone and alone.op.row_wise:
        for y in range(output_rows(alone)):
            yield firing(uses, alone, range(y, y + 1), None)
        return
    rows = stage_regions(graph, stage, Axis.HEIGHT)
    columns = stage_regions(graph, stage, Axis.WIDTH) if stage.columns > 1 else {}
    order = list(product(range(stage.ticks), range(stage.columns)))
    for n, m in order if stage.axis is Axis.HEIGHT else sorted(order, key=lambda step: step[::-1]):
        for feed in stage.feeds if m == 0 else ():
            total = uses.rows(feed.tensor)
            arrived = range(feed.schedule.frontier(n - 1, total), feed.schedule.frontier(n, total))
            yield [("write", {p for p in pixels(uses, feed.tensor) if p[1] in arrived})]
        for fired in stage.firings:
            wide = range(*columns[fired.op][m]) if columns else None
            yield firing(uses, graph.by_index[fired.op], range(*rows[fired.op][n]), wide)


def firing(uses: Uses, node: Node, rows: range, columns: range | None) -> list[tuple[str, set[Pixel]]]:
    if not rows or columns is not None and not columns:
        return []
    read: set[Pixel] = set()
    for operand, tensor in enumerate(node.inputs):
        if tensor in uses.producer:
            everything = range(node.output_shapes[0][-2] if is_image(node.output_shapes[0]) else 1)
            ys, xs = (
                taps(uses, node, operand, axis, outputs) if node.op.row_wise else None
                for axis, outputs in ((Axis.HEIGHT, rows), (Axis.WIDTH, everything if columns is None else columns))
            )
            read |= {p for p in pixels(uses, tensor) if (ys is None or p[1] in ys) and (xs is None or p[2] in xs)}
    at_once = not node.op.row_wise
    written = {
        p
        for t in node.outputs
        for p in pixels(uses, t)
        if (at_once or p[1] in rows) and (columns is None or p[2] in columns)
    }
    return [("read", read), ("write", written)]


def taps(uses: Uses, node: Node, operand: int, axis: Axis, outputs: range) -> set[int] | None:
    window = uses.window(node, operand, axis)
    if window is None:
        return None
    return {window.start(o) + j * window.dilation for o in outputs for j in range(window.kernel)}


def pixels(uses: Uses, tensor: int) -> list[Pixel]:
    return [(tensor, y, x) for y in range(uses.rows(tensor)) for x in range(width(uses, tensor))]


def width(uses: Uses, tensor: int) -> int:
    stored = uses.graph.tensors[tensor]
    return stored.shape[-2] if is_image(stored.shape) and stored.rows == uses.rows(tensor) else 1


def pixel_bytes(uses: Uses, tensor: int) -> int:
    return uses.row_bytes(tensor) // width(uses, tensor)
