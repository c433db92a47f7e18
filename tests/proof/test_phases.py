"""Windows whose results read more or fewer positions by their phase: each row fires as early as its own phase allows,
and a plan that fires one earlier is refuted by solver and identities."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.random_models import Net
from verify.graph.graph import Graph
from verify.graph.plan import Plan, Schedule
from verify.graph.tensor import Axis
from verify.graph.window import Window
from verify.identities.machine import Machine
from verify.identities.plain import PlainMachine
from verify.identities.run import fault_of_program
from verify.plan.request import Request
from verify.plan.schedule import Edge, arrival, fire_when_ready
from verify.plan.search import make_plan
from verify.program.lower import lower
from verify.proof.check import check
from verify.proof.verdict import Refuted
from verify.targets.choice import kernels_of

PHASED = st.integers(2, 5).flatmap(
    lambda u: st.builds(Window, st.integers(1, 3), st.integers(1, 4), st.just(1), st.integers(-2, 4), st.just(u),
                        st.integers(0, u - 1))
)  # fmt: skip


@given(PHASED, st.integers(3, 12))
def test_a_row_fires_with_the_last_position_of_its_phase(window: Window, rows: int) -> None:
    schedule = fire_when_ready([Edge(arrival(rows, rows), rows, window)])
    assert schedule is not None
    for y in range(12):
        taps = [j for j in range(window.kernel) if window.start(y) + j < window.end(y)]
        assert len(taps) in (window.kernel, window.kernel - bool(window.short))
        tick = next(n for n in range(-60, 200) if (schedule.rate * n + schedule.offset) // schedule.period > y)
        assert tick == window.end(y) - 1


def upsampled() -> tuple[Graph, Plan]:
    net = Net(3)
    x = net.conv(net.input(1, 30, 9, 2), 4, (3, 3), (1, 1), (1, 1))
    size = net.integers(60, 18)
    y = net.append("RESIZE_BILINEAR", (x, size), net.like(x, (1, 60, 18, 4)), {})
    net.conv(y, 2, (3, 3), (4, 4), (1, 1))
    graph = net.graph()
    return graph, make_plan(graph, Request(scheme="stream"))


def test_every_second_row_waits_for_one_row_only() -> None:
    graph, plan = upsampled()
    assert graph.nodes[1].op.window(0, Axis.HEIGHT) == Window(2, upsample=2, short=1)
    (stage,) = plan.stages
    first, second = (firing.schedule for firing in stage.firings[:2])
    assert first == Schedule(1, 1, 0) and second == Schedule(2, 1, -1)
    report, proved = check(graph, plan)
    assert proved is not None and "C2" in report.confirmed


@pytest.mark.parametrize("machine", [Machine, PlainMachine])
@pytest.mark.parametrize("early", [1, 2])
def test_a_row_too_early_is_refuted_by_both(early: int, machine: type[Machine]) -> None:
    graph, plan = upsampled()
    (stage,) = plan.stages
    firings = list(stage.firings)
    schedule = firings[1].schedule
    assert schedule is not None
    firings[1] = replace(firings[1], schedule=replace(schedule, offset=schedule.offset + early))
    wrong = replace(plan, stages=(replace(stage, firings=tuple(firings)),))
    assert isinstance(check(graph, wrong)[0].verdicts["C2"], Refuted)
    found = fault_of_program(graph, kernels_of(graph, wrong), lower(graph, wrong), machine)
    assert found is not None and "op 1" in found
