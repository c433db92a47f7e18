"""Networks with rows in phases: the same results, the same proof, and what cannot be taken apart."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.random_models import Net
from verify.commands.check import random_inputs
from verify.commands.planned import as_planned
from verify.graph.graph import Graph
from verify.graph.plan import Plan
from verify.graph.plan_json import PlanError, plan_from_json, plan_to_json
from verify.identities.run import fault_of_program
from verify.ops.row_phases import NotPhasedError, phasable, phased
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.program.lower import lower
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay
from verify.proof.verdict import Refuted
from verify.targets.choice import kernels_of


@st.composite
def networks(draw: st.DrawFn) -> Net:
    """Strided depthwise convolutions behind convolutions of every window, and something before and after."""
    net = Net(draw(st.integers(0, 2**16)))
    x = net.input(1, draw(st.integers(7, 16)), draw(st.integers(5, 9)), 2)
    for _ in range(draw(st.integers(1, 2))):
        taps, step = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        padding = "SAME" if min(x.shape[1:3]) < 5 else draw(st.sampled_from(("SAME", "VALID")))
        wide = net.conv(x, draw(st.integers(4, 6)), (taps, taps), (step, 1), (1, 1), padding)
        window = draw(st.integers(2, 5)), draw(st.integers(1, 3))
        deep = net.depthwise(wide, window, (draw(st.integers(2, 3)), draw(st.integers(1, 2))), (1, 1))
        x = net.conv(deep, 3, (1, 1), (1, 1), (1, 1))
    return net


@settings(max_examples=25, deadline=None)
@given(networks(), st.sampled_from(("stream", "auto", "layer")), st.integers(0, 9))
def test_plans_are_proved_and_give_the_models_results(net: Net, scheme: str, seed: int) -> None:
    graph = net.graph()
    operators = phasable(graph)
    other = phased(graph, operators)
    inputs = random_inputs(graph, seed)
    expected = evaluate(graph, inputs)
    np.testing.assert_array_equal(evaluate(other, inputs)[0], expected[0])
    assert sum(node.macs for node in other.nodes) == sum(node.macs for node in graph.nodes)
    plan = make_plan(other, Request(scheme))
    assert plan.phased == operators
    report, proved = check(other, plan)
    assert proved is not None, report.verdicts
    for garbage in (0, 1):
        np.testing.assert_array_equal(replay(other, plan, inputs, garbage)[0], expected[0])


def stridden() -> Graph:
    net = Net(5)
    x = net.conv(net.input(1, 13, 8, 2), 3, (3, 3), (1, 1), (1, 1))
    for channels in (6, 5):
        x = net.conv(
            net.depthwise(net.conv(x, channels, (1, 1), (1, 1), (1, 1)), (5, 3), (2, 2), (1, 1)),
            3,
            (1, 1),
            (1, 1),
            (1, 1),
        )
    return net.graph()


@pytest.fixture(scope="module")
def right() -> tuple[Graph, Plan]:
    graph = stridden()
    other = phased(graph, phasable(graph))
    return other, make_plan(other, Request(once=True))


def test_a_part_is_numbered_as_in_the_whole(right: tuple[Graph, Plan]) -> None:
    """The first phase as it was, others after all there are: plans name them so."""
    graph = stridden()
    first, second = phasable(graph)
    assert first == 2 and second == 5
    some = phased(graph, (second,))
    assert {node.index for node in some.nodes} == {*graph.by_index, max(graph.by_index) + 1}
    assert graph.by_index[second].inputs[0] in some.by_index[second].inputs


def test_rows_of_a_phase_that_come_late_are_refuted() -> None:
    net = Net(5)
    net.depthwise(net.conv(net.input(1, 12, 8, 2), 6, (1, 1), (1, 1), (1, 1)), (3, 3), (2, 2), (1, 1))
    graph = phased(net.graph(), (1,))
    plan = make_plan(graph, Request("stream"))
    assert check(graph, plan)[1] is not None
    firings = [
        replace(f, schedule=replace(f.schedule, offset=f.schedule.offset - f.schedule.period)) if f.op == 2 else f
        for f in plan.stages[0].firings
    ]
    late = replace(plan, stages=(replace(plan.stages[0], firings=tuple(firings), ticks=plan.stages[0].ticks + 4),))
    report, proved = check(graph, late)
    assert proved is None and isinstance(report.verdicts["C2"], Refuted)
    assert "op 1" in report.verdicts["C2"].subject


def test_identities_see_phases_that_are_exchanged(right: tuple[Graph, Plan]) -> None:
    """In the program: an operator that reads phase 1 for phase 0, both of the same form."""
    graph, plan = right
    program = lower(graph, plan)
    kernels = kernels_of(graph, plan)
    assert fault_of_program(graph, kernels, program) is None
    for op in plan.phased:
        wrong = [
            replace(
                stage,
                calls=tuple(replace(call, inputs=call.inputs[::-1]) if call.op == op else call for call in stage.calls),
            )
            for stage in program.stages
        ]
        assert fault_of_program(graph, kernels, replace(program, stages=tuple(wrong))) is not None


def test_the_checker_takes_no_plan_of_the_network_read_otherwise(right: tuple[Graph, Plan]) -> None:
    graph, plan = right
    for other, changed in ((stridden(), plan), (graph, replace(plan, phased=()))):
        report, proved = check(other, changed)
        assert proved is None and isinstance(report.verdicts["C1"], Refuted)
        assert "read rows in phases" in report.verdicts["C1"].counterexample


def test_files_hold_it_and_say_what_the_network_is(right: tuple[Graph, Plan]) -> None:
    graph, plan = right
    text = plan_to_json(plan)
    again = plan_from_json(text)
    assert again == plan
    assert [node.index for node in as_planned(stridden(), again).nodes] == [node.index for node in graph.nodes]
    impossible = replace(plan, phased=(0,))
    assert not as_planned(stridden(), impossible).phased, "the checker says so"
    with pytest.raises(PlanError, match=r"plan.phased\[0\] must be an integer"):
        plan_from_json(text.replace('"phased": [', '"phased": [true, '))


@pytest.mark.parametrize("operators", [(0,), (99,), (5, 2), (2, 2)])
def test_what_cannot_be_in_phases_is_refused(operators: tuple[int, ...]) -> None:
    with pytest.raises(NotPhasedError):
        phased(stridden(), operators)


def shared(net: Net) -> None:
    """Read by another operator, too."""
    wide = net.conv(net.input(1, 9, 8, 2), 4, (1, 1), (1, 1), (1, 1))
    net.add(net.depthwise(wide, (3, 3), (2, 2), (1, 1)), net.depthwise(wide, (5, 3), (2, 2), (1, 1)))


def skipping(net: Net) -> None:
    """No row is read twice."""
    net.depthwise(net.conv(net.input(1, 9, 8, 2), 4, (1, 1), (1, 1), (1, 1)), (2, 2), (2, 2), (1, 1))


def fed(net: Net) -> None:
    """The rows arrive."""
    net.depthwise(net.input(1, 9, 8, 4), (3, 3), (2, 2), (1, 1))


@pytest.mark.parametrize("make", [shared, skipping, fed])
def test_what_stays_as_it_is(make) -> None:
    net = Net(3)
    make(net)
    assert phasable(net.graph()) == ()


def test_two_strided_ones_behind_each_other() -> None:
    """The rows of the second are the first one's results: it cannot read in phases and be in phases itself."""
    net = Net(3)
    wide = net.conv(net.input(1, 19, 8, 2), 4, (1, 1), (1, 1), (1, 1))
    net.depthwise(net.depthwise(wide, (3, 3), (2, 2), (1, 1)), (3, 3), (2, 2), (1, 1))
    assert phasable(net.graph()) == (1,)
