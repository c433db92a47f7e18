"""Kernels of less working memory: taken where that sets a stage's peak, named in the plan, judged by what they need."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from tests.random_models import Net
from tests.tiny_model import activation
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.plan_json import plan_from_json, plan_to_json
from verify.graph.tensor import Tensor
from verify.plan import search as planner
from verify.plan.effort import Effort
from verify.plan.quicker import LEANER
from verify.plan.request import Request
from verify.plan.search import Search, make_plan
from verify.plan.uses import Uses
from verify.proof.check import check
from verify.proof.verdict import Refuted
from verify.targets.choice import chosen, kernels_of, leaner
from verify.targets.cost import instructions_of
from verify.targets.registry import target_named, targets

DSP = "cortex-m-dsp"
LEAST = Request("stream", target=DSP, sram=1)
"""A budget that nothing meets: the least SRAM, whatever it costs."""


class Positive(Net):
    """Results as those of ReLU6, which the fast depthwise kernels want."""

    def activation(self, shape: Sequence[int], scale: float) -> Tensor:
        return activation(self.next(), shape, 6 / 255, -128)


@pytest.fixture(scope="module")
def graph() -> Graph:
    """A depthwise layer, whose rows need much working memory, between two small ones."""
    net = Positive(4)
    x = net.conv(net.input(1, 12, 20, 3), 8, (3, 3), (1, 1), (1, 1))
    net.conv(net.depthwise(x, (7, 7), (1, 1), (1, 1)), 4, (1, 1), (2, 2), (1, 1))
    return net.graph()


def others(graph: Graph, plan: Plan) -> list[str]:
    """Kernels of a plan that are not the preferred ones."""
    preferred = chosen(graph, plan.target)
    return [kernel.called for op, kernel in kernels_of(graph, plan).items() if kernel is not preferred[op]]


def named(plan: Plan, called: Mapping[int, str]) -> Plan:
    """The plan with other names of kernels."""
    stages = [replace(s, firings=tuple(replace(f, kernel=called[f.op]) for f in s.firings)) for s in plan.stages]
    return replace(plan, stages=tuple(stages))


def estimated(graph: Graph, plan: Plan) -> int:
    found = instructions_of(graph, plan, kernels_of(graph, plan))
    assert found is not None
    return found


def test_plans_call_each_kernel_by_a_name_of_its_own() -> None:
    for target in targets().values():
        names = [kernel.called for kernel in target.kernels]
        assert len(set(names)) == len(names)
        assert all(target.kernel(kernel.called) is kernel for kernel in target.kernels)


def test_the_preferred_kernel_gives_way_where_its_working_memory_sets_the_peak(graph: Graph) -> None:
    fast = make_plan(graph, Request("layer", target=DSP))
    assert not any(others(graph, fast))
    least = make_plan(graph, LEAST)
    assert any(others(graph, least)) and least.scratch_bytes < fast.scratch_bytes
    assert plan_from_json(plan_to_json(least)) == least
    assert check(graph, replace(least, sram_budget=None))[1] is not None


def test_a_few_bytes_by_rows_may_cost_little(graph: Graph) -> None:
    """Without a budget; with one they may cost anything."""
    preferred = {op: kernel.called for op, kernel in chosen(graph, DSP).items()}
    ratios = []
    for request in (Request("stream", target=DSP), LEAST):
        plan = make_plan(graph, request)
        ratios.append(estimated(graph, plan) / estimated(graph, named(plan, preferred)))
    assert 1 <= ratios[0] <= LEANER < ratios[1]


def test_room_that_packing_leaves_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each result lies over the one before, a little below it: more bytes than any stage has alive."""
    monkeypatch.setattr(planner, "STEADIED", 0)  # else other stages are found, which drift less
    net = Positive(5)
    x = net.conv(net.input(1, 24, 20, 3), 32, (3, 3), (2, 2), (1, 1))
    for _ in range(4):
        x = net.conv(net.depthwise(x, (3, 3), (1, 1), (1, 1)), 32, (1, 1), (1, 1), (1, 1))
    graph = net.graph()
    search = Search(graph, Request("stream", target=DSP))
    plan = search.find()
    peaks = [search.runs.standing.peak(draft) for draft in search.maker.drafts(plan)]
    assert max(peaks) < plan.arena_bytes and not any(others(graph, plan))


def test_room_for_it_is_taken_where_a_budget_leaves_some(graph: Graph) -> None:
    least = make_plan(graph, LEAST)
    found = []
    for room in (0, 300, 1000, 3000):
        budget = least.sram_bytes + room
        found.append(make_plan(graph, Request("stream", target=DSP, objective="instructions", sram=budget)))
        assert found[-1].sram_bytes <= budget and check(graph, found[-1])[1] is not None
    instructions = [estimated(graph, plan) for plan in found]
    assert instructions == sorted(instructions, reverse=True) and instructions[0] > instructions[-1]
    assert any(others(graph, found[0])) and not any(others(graph, found[-1]))


def test_what_a_draft_is_weighed_by_is_what_its_plan_takes(graph: Graph) -> None:
    """Kernels that are not the preferred ones included; what comes once and per row is left out on both sides."""
    search = Search(graph, Request("stream", target=DSP))
    by_kernel = {}
    for limit in (0, 10**6):
        drafts = [search.runs.standing.within(search.runs.layer(k).draft, limit) for k in range(len(graph.nodes))]
        plan = search.plan(drafts, "layer")
        by_kernel[limit] = plan, sum(map(Effort(search.uses).of, drafts))
        assert sum(map(search.runs.standing.peak, drafts)) >= sum(map(search.runs.standing.least, drafts))
    (lean, few), (fast, many) = by_kernel.values()
    assert any(others(graph, lean)) and not any(others(graph, fast))
    assert few - many == pytest.approx(estimated(graph, lean) - estimated(graph, fast), abs=2)


def test_a_plan_that_names_a_kernel_of_more_working_memory_is_refuted(graph: Graph) -> None:
    """Whatever else it says: where the leaner one had room, something lies behind."""
    plan = make_plan(graph, LEAST)
    preferred = chosen(graph, DSP)
    other = named(plan, {op: kernel.called for op, kernel in preferred.items()})
    needed = max(kernel.scratch_bytes(graph.by_index[op]) for op, kernel in preferred.items())
    assert isinstance(check(graph, replace(other, scratch_bytes=needed))[0].verdicts["C4"], Refuted)
    other = named(plan, {op: f"{kernel.name}/3" for op, kernel in preferred.items()})
    verdict = check(graph, other)[0].verdicts["C1"]
    assert isinstance(verdict, Refuted) and "/3', which target cortex-m-dsp does not have" in verdict.counterexample


def test_alternatives_take_the_place_of_the_preferred_kernel(graph: Graph) -> None:
    """They are for the same machine, and the planner need not look at anything else again."""
    for target in targets():
        uses = Uses(graph, target)
        for node, options in zip(graph.nodes, uses.options, strict=True):
            first = options[0].kernel
            assert first is uses.kernels[node.index] is target_named(target).alternatives(node)[0]
            sizes = [option.scratch for option in options]
            assert sizes == sorted(set(sizes), reverse=True)
            for kernel in (option.kernel for option in options):
                assert kernel.features == first.features and kernel.runs(node)
                assert (kernel.tiles(node), kernel.in_place(node)) == (first.tiles(node), first.in_place(node))
    assert leaner(graph, "portable", chosen(graph, "portable")) == {} != leaner(graph, DSP, chosen(graph, DSP))
