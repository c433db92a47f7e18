"""Stages that compute rows again: proved, exact, and the front that they span."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.planted import plant
from tests.random_models import Net, networks
from verify.channels.reduced import reduced
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.ops.regions import computed_macs
from verify.plan.build import build
from verify.plan.forms.layer import layer
from verify.plan.forms.recomputing import variants
from verify.plan.left_out import constant_channels
from verify.plan.request import Request
from verify.plan.runs import Pace, grow
from verify.plan.search import macs_ratio, make_plan, pareto
from verify.plan.uses import Uses
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay
from verify.proof.verdict import Refuted


def expanding(constant: int = 0) -> Graph:
    """Inverted residual blocks: a narrow tensor, expanded eightfold in front of a 3 x 3 depthwise convolution, of which
    so many channels are always 0."""
    net = Net(5)
    x = net.conv(net.input(1, 20, 16, 2), 2, (3, 3), (1, 1), (1, 1))
    for stride in (1, 2):
        wide = net.depthwise(net.conv(x, 16, (1, 1), (1, 1), (1, 1)), (3, 3), (stride, stride), (1, 1))
        for channel in range(constant):
            plant(net, wide, channel, "multiplier 0")
        x = net.conv(wide, 2 * stride, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 3)
    return net.graph()


@settings(max_examples=25, deadline=None)
@given(networks(), st.sampled_from((Pace(), Pace(step=2), Pace(number=1, grain=2), Pace(number=2, grain=3))))
def test_every_variant_of_every_stage_is_proved_and_exact(net: Net, pace: Pace) -> None:
    graph = net.graph()
    uses = Uses(graph)
    inputs = random_inputs(graph, 0)
    for draft in grow(uses, 0, (), pace):
        for changed, extra in variants(uses, draft, {}):
            layers = [layer(uses, k) for k in range(draft.end, len(graph.nodes))]
            plan = build(uses, [changed, *layers], InputMode.WHOLE, "auto")
            report, proved = check(graph, plan)
            assert proved is not None, report.verdicts
            for got, expected in zip(replay(graph, plan, inputs, 1), evaluate(graph, inputs), strict=True):
                np.testing.assert_array_equal(got, expected)
            assert sum(computed_macs(graph, plan).values()) == sum(n.macs for n in graph.nodes) + extra


def test_the_front_trades_macs_for_memory_and_every_point_is_proved() -> None:
    graph = expanding()
    plans = pareto(graph)
    assert len(plans) >= 2
    assert macs_ratio(graph, plans[0]) == 1
    for before, after in itertools.pairwise(plans):
        assert after.arena_bytes < before.arena_bytes
        assert macs_ratio(graph, after) > macs_ratio(graph, before)
    for plan in plans:
        assert check(graph, plan)[1] is not None


def banded(graph: Graph, grain: int) -> tuple[Plan, int]:
    """The first block by bands of so many rows, its expansion computed again, the rest layer by layer; MACs added."""
    uses = Uses(graph)
    draft = next(draft for draft in grow(uses, 0, graph.inputs, Pace(number=2, grain=grain)) if draft.end == 4)
    changed, extra = next((d, e) for d, e in variants(uses, draft, {}) if d.demand == {1})
    layers = [layer(uses, k) for k in range(4, len(graph.nodes))]
    return build(uses, [changed, *layers], InputMode.ROWS, "auto"), extra


def test_bands_compute_less_again_than_single_rows() -> None:
    """Of the first block alone: a band of r rows computes r + 2 rows of the expansion, r single rows 3 r."""
    graph, found = expanding(), {}
    for grain in (1, 4):
        plan, extra = banded(graph, grain)
        found[grain] = extra / graph.nodes[1].macs
        assert check(graph, plan)[1] is not None
        assert plan.stages[0].firings[2].schedule.grain == grain
    rows = 20
    assert found[1] == pytest.approx((3 * rows - 2) / rows - 1)
    assert found[4] == pytest.approx((rows / 4 * 6 - 2) / rows - 1)


def test_a_band_of_another_size_is_refuted_where_its_rows_are_not_there() -> None:
    graph = expanding()
    plan, _ = banded(graph, 4)
    for grain in (3, 5):
        firings = list(plan.stages[0].firings)
        firings[2] = replace(firings[2], schedule=replace(firings[2].schedule, grain=grain))
        stages = (replace(plan.stages[0], firings=tuple(firings)), *plan.stages[1:])
        report, proved = check(graph, replace(plan, stages=stages))
        assert proved is None and any(isinstance(verdict, Refuted) for verdict in report.verdicts.values())


def test_what_channels_that_are_left_out_would_take_may_be_computed_again() -> None:
    whole = expanding(constant=8)
    graph = reduced(whole, constant_channels(whole))
    assert len(graph.left_out) > 0
    most = sum(node.macs for node in whole.nodes)
    once, plan = make_plan(graph, Request(once=True)), make_plan(graph)
    assert macs_ratio(graph, once) == 1 and plan.sram_bytes < once.sram_bytes
    assert macs_ratio(graph, plan) > 1 and sum(computed_macs(graph, plan).values()) <= most
    rich, poor = (make_plan(graph, Request(objective="instructions", worth=worth)) for worth in (9, 1))
    assert rich.sram_bytes <= plan.sram_bytes and macs_ratio(graph, poor) == 1, "as far as its instructions may be"
    alone = make_plan(whole)
    assert macs_ratio(whole, alone) == 1, "where nothing is left out, there is nothing to spend"


def test_max_macs_bounds_what_is_computed_again() -> None:
    graph = expanding()
    plain, some, much = (make_plan(graph, Request(max_macs=share)) for share in (1.0, 1.2, 3.0))
    assert macs_ratio(graph, plain) == 1 and macs_ratio(graph, some) <= 1.2 and macs_ratio(graph, much) <= 3
    assert much.arena_bytes < plain.arena_bytes and much.arena_bytes <= some.arena_bytes


def test_a_budget_that_needs_it_is_met_by_recomputing_and_a_roomy_one_is_not_used_up_by_columns() -> None:
    graph = expanding()
    plain, least = make_plan(graph), pareto(graph)[-1]
    tight = make_plan(graph, Request(sram=(plain.sram_bytes + least.sram_bytes) // 2))
    assert tight.sram_bytes < plain.sram_bytes and macs_ratio(graph, tight) > 1
    roomy = make_plan(graph, Request(sram=1_000_000))
    assert all(stage.columns == 1 for stage in roomy.stages) and macs_ratio(graph, roomy) == 1
