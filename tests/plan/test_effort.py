"""Estimated instructions: the same for a draft and for the plan made of it; the objective that goes by them."""

import pytest

from tests.random_models import Net
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.plan.build import build
from verify.plan.effort import Effort
from verify.plan.request import WORTH, PlanningError, Request
from verify.plan.runs import Runs
from verify.plan.search import Search, make_plan, pareto, trade
from verify.plan.uses import Uses
from verify.proof.check import check
from verify.targets import prices
from verify.targets.choice import kernels_of
from verify.targets.cost import AROUND, calls_of, instructions_of
from verify.targets.kernel import Kernel


def network() -> Graph:
    net = Net(5)
    x = net.conv(net.input(1, 24, 18, 3), 8, (3, 3), (2, 2), (1, 1))
    y = net.conv(
        net.depthwise(net.conv(x, 24, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1)), 8, (1, 1), (1, 1), (1, 1)
    )
    net.conv(net.depthwise(net.add(x, y), (3, 3), (2, 2), (1, 1)), 4, (1, 1), (1, 1), (1, 1))
    return net.graph()


def estimate(graph: Graph, request: Request) -> int:
    plan = make_plan(graph, request)
    found = instructions_of(graph, plan, kernels_of(graph, plan))
    assert found is not None
    return found


@pytest.mark.parametrize("scheme", ["layer", "stream", "auto"])
def test_what_a_draft_is_weighed_by_is_what_its_plan_takes(scheme: str) -> None:
    """But for what a run takes once, and the rows that are pushed."""
    graph = network()
    uses = Uses(graph)
    runs, effort = Runs(uses, InputMode.ROWS), Effort(uses)
    if scheme == "layer":
        drafts = [runs.layer(k).draft for k in range(len(graph.nodes))]
    else:
        run = next(run for run in runs.of(0, runs.feedable(0)[-1]) if run.end == len(graph.nodes))
        candidate = run.by_columns if scheme == "auto" else run.by_rows
        assert candidate is not None
        drafts = [candidate.draft]
    plan = build(uses, drafts, InputMode.ROWS, scheme)
    once = prices.PRICES[AROUND]
    rest = once.get("run", 0) + once.get("row", 0) * graph.tensors[graph.inputs[0]].rows
    whole = instructions_of(graph, plan, kernels_of(graph, plan))
    assert whole == pytest.approx(sum(map(effort.of, drafts)) + rest, abs=1)


def test_calls_compute_every_row_once() -> None:
    graph = network()
    for scheme in ("layer", "stream", "auto"):
        plan = make_plan(graph, Request(scheme))
        done = {node.index: 0 for node in graph.nodes}
        for calls in calls_of(graph, plan):
            width = graph.by_index[calls.op].output_shapes[0][2] if calls.columns is None else calls.columns
            done[calls.op] += calls.times * calls.rows * width
        assert done == {n.index: n.output_shapes[0][1] * n.output_shapes[0][2] for n in graph.nodes}


def test_few_instructions_within_a_budget_and_little_memory_within_few_instructions() -> None:
    graph = network()
    least, layer = make_plan(graph, Request("auto")), estimate(graph, Request("layer"))
    fast = make_plan(graph, Request("auto", objective="instructions"))
    assert check(graph, fast)[1] is not None
    assert estimate(graph, Request("auto", objective="instructions")) <= WORTH * layer
    assert least.sram_bytes <= fast.sram_bytes
    small = make_plan(graph, Request("auto", objective="instructions", worth=1.5))
    assert small.sram_bytes <= fast.sram_bytes
    for budget in (least.sram_bytes + 200, fast.sram_bytes, 10**6):
        plan = make_plan(graph, Request("auto", objective="instructions", sram=budget))
        assert plan.sram_bytes <= budget and plan.sram_budget == budget
    # The search offers no layer out of place where one in place, row by row, takes less memory for a few calls more.
    assert estimate(graph, Request("auto", objective="instructions", sram=10**6)) <= 1.01 * layer


def test_many_instructions_buy_the_least_sram(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever finds that: here the search for few instructions gives a plan that packs badly."""
    graph, least = network(), make_plan(network(), Request("auto"))
    monkeypatch.setattr(Search, "_smallest", lambda search, by_end, ways, most: search.layers())
    rich, poor = (make_plan(graph, Request("auto", objective="instructions", worth=worth)) for worth in (100, 1))
    assert rich.sram_bytes == least.sram_bytes < poor.sram_bytes


def test_a_front_is_of_the_target_that_is_asked_for() -> None:
    assert {plan.target for plan in pareto(network(), Request(target="cortex-m-dsp"))} == {"cortex-m-dsp"}


def test_kernels_without_prices_are_not_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.targets.portable.prices.PRICES", {})
    graph = network()
    with pytest.raises(PlanningError, match="has not been measured"):
        make_plan(graph, Request("auto", objective="instructions"))
    plan = make_plan(graph, Request("auto"))
    assert instructions_of(graph, plan, kernels_of(graph, plan)) is None


def test_work_adds_up_over_regions() -> None:
    """What depends on size does; what is once per call does not."""
    node = network().nodes[2]
    kernel: Kernel = Uses(network()).kernels[node.index]
    whole, part = kernel.work(node, 12, None), kernel.work(node, 6, None)
    tile = kernel.work(node, 12, 3)
    assert whole["call"] == part["call"] == tile["call"] == 1
    for kind in whole.keys() - {"call", "row"}:
        assert whole[kind] == pytest.approx(2 * part[kind]) == pytest.approx(3 * tile[kind])


def test_the_least_sram_takes_few_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without prices there is nothing to choose by; with them the SRAM is the same, and calls are longer."""
    graph = network()
    with monkeypatch.context() as patch:
        patch.setattr("verify.targets.portable.prices.PRICES", {})
        blind = make_plan(graph, Request("auto"))
    plan = make_plan(graph, Request("auto"))
    kernels = kernels_of(graph, plan)
    before, after = (instructions_of(graph, p, kernels) for p in (blind, plan))
    assert before is not None and after is not None and after <= before and plan.sram_bytes <= blind.sram_bytes


def test_points_of_a_trade_go_down_in_bytes() -> None:
    graph = network()
    plans = trade(graph, Request("auto"), most=6)
    sizes = [plan.sram_bytes for plan in plans]
    assert len(plans) > 1 and sizes == sorted(sizes, reverse=True)
    assert sizes[-1] <= make_plan(graph, Request("auto")).sram_bytes * 1.1
