"""Stages that compute rows again: proved, exact, and the front that they span."""

import itertools

import numpy as np
from hypothesis import given, settings

from tests.random_models import Net, networks
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.ops.regions import computed_macs
from verify.plan.build import build
from verify.plan.forms.layer import layer
from verify.plan.forms.recomputing import variants
from verify.plan.request import Request
from verify.plan.runs import grow
from verify.plan.search import macs_ratio, make_plan, pareto
from verify.plan.uses import Uses
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay


def expanding() -> Graph:
    """Inverted residual blocks: a narrow tensor, expanded eightfold in front of a 3 x 3 depthwise convolution."""
    net = Net(5)
    x = net.conv(net.input(1, 20, 16, 2), 2, (3, 3), (1, 1), (1, 1))
    for stride in (1, 2):
        wide = net.depthwise(net.conv(x, 16, (1, 1), (1, 1), (1, 1)), (3, 3), (stride, stride), (1, 1))
        x = net.conv(wide, 2 * stride, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(x), 3)
    return net.graph()


@settings(max_examples=25, deadline=None)
@given(networks())
def test_every_variant_of_every_stage_is_proved_and_exact(net: Net) -> None:
    graph = net.graph()
    uses = Uses(graph)
    inputs = random_inputs(graph, 0)
    for draft in grow(uses, 0, ()):
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
