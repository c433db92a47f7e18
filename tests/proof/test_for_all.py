"""Theorems for all sizes: true at the sizes that they claim, refuted where a plan only works at its own size."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.clip.test_per_frame import conv3d, streamtinynet
from tests.proof.other_sizes import FORMS, Recipe, build, carried_over, fused, recipes
from tests.random_models import Net
from verify.clip import per_frame
from verify.commands import check as command
from verify.graph.accounting import align
from verify.graph.graph import Graph
from verify.graph.plan import Buffer, InputMode, Plan, Policy
from verify.graph.plan_json import plan_to_json
from verify.graph.tensor import Axis
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.clip_length import every_length
from verify.proof.family import Family
from verify.proof.for_all import for_all
from verify.proof.layout import Layout
from verify.proof.memory import buffer_bytes
from verify.proof.smt import decide
from verify.proof.verdict import Proved, Refuted
from verify.solvers import open_solvers

NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Examples are small already, and each takes a proof."""

BLOCK: Recipe = (
    ("conv", 3, (3, 3), (1, 1), "SAME", (0, 0, 0, 0), 0),
    ("point", 2, (1, 1), (1, 1), "SAME", (0, 0, 0, 0), 0),
    ("depthwise", 1, (3, 3), (2, 2), "SAME", (0, 0, 0, 0), 0),
    ("conv", 4, (5, 1), (1, 1), "SAME", (0, 0, 0, 0), 0),
    ("add", 1, (1, 1), (1, 1), "SAME", (0, 0, 0, 0), 0),
)
"""Windows of several kinds, a stride, and a shortcut."""


def shape_rules(graph: Graph) -> list[tuple]:
    """What makes graphs members of one family."""
    return [(r.node.op.kind, r.operand, r.axis, r.window, r.after) for r in Family(graph).relations]


def network(recipe: Recipe, height: int, width: int) -> Graph:
    graph = build(recipe, height, width)
    assert graph is not None, "the recipe fits this size"
    return graph


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much], phases=NO_SHRINKING)
@given(recipes(), st.integers(4, 14), st.integers(4, 10), st.sampled_from(FORMS), st.sampled_from(InputMode), st.data())
def test_what_is_proved_for_all_sizes_is_proved_at_others(
    recipe: Recipe, height: int, width: int, form: str, mode: InputMode, data: st.DataObject
) -> None:
    graph = build(recipe, height, width)
    assume(graph is not None)
    assert graph is not None
    plan = fused(graph, mode, form)
    theorems = for_all(graph, plan)
    assume(theorems.proved)
    sizes = []
    for found in theorems.stages[-1].ranges:
        steps = data.draw(st.integers(0, 40))
        sizes.append(found.minimum + steps * found.modulus if found.matters else theorems.sizes.family.size(found.axis))
    other = build(recipe, *sizes)
    assert other is not None, "the theorem says that there is such a network"
    # With SAME, the network of another size may pad otherwise: then it is none that the theorem speaks of.
    assume(shape_rules(graph) == shape_rules(other))
    report, proved = check(other, carried_over(graph, plan, other))
    assert proved is not None, report.verdicts


@settings(max_examples=30, deadline=None, phases=NO_SHRINKING)
@given(recipes(), st.sampled_from(FORMS), st.integers(0, 3), st.integers(0, 3))
def test_formulas_are_the_bytes_at_other_sizes(recipe: Recipe, form: str, rows: int, columns: int) -> None:
    graph = build(recipe, 12, 10)
    assume(graph is not None)
    assert graph is not None
    plan = fused(graph, InputMode.ROWS, form)
    theorems = for_all(graph, plan)
    family = theorems.sizes.family
    periods = [max(f.modulus for f in family.forms[axis].values()) for axis in (Axis.HEIGHT, Axis.WIDTH)]
    height, width = 12 + rows * 6 * periods[0], 10 + columns * 6 * periods[1]
    other = build(recipe, height, width)
    assume(other is not None and len(other.nodes) == len(graph.nodes))
    assert other is not None
    assume(shape_rules(graph) == shape_rules(other))  # as above: otherwise it is no network of the family
    moved = carried_over(graph, plan, other)
    layout = Layout(other, moved)
    for before, after in zip(plan.buffers, moved.buffers, strict=True):
        stated = buffer_bytes(theorems.layout, theorems.sizes, before)
        if before.policy is not Policy.EXTERNAL and all(f.form for f in stated.factors):
            assert stated.at({"H": height, "W": width, "T": 1}) == align(layout.size_bytes(after)), stated.text()


@pytest.fixture(scope="module", params=FORMS)
def stage(request: pytest.FixtureRequest) -> tuple[Graph, Plan]:
    graph = network(BLOCK, 16, 12)
    plan = fused(graph, InputMode.ROWS, request.param)
    assert for_all(graph, plan).proved
    return graph, plan


def test_the_theorem_has_no_small_exceptions(stage: tuple[Graph, Plan]) -> None:
    graph, plan = stage
    theorem = for_all(graph, plan).stages[0]
    assert (theorem.ranges[0].minimum, theorem.ranges[0].modulus) == (2, 1)  # a row is lost by the stride
    for height in (2, 4, 6, 30):
        other = network(BLOCK, height, 12)
        assert check(other, carried_over(graph, plan, other))[1] is not None


def test_smaller_rings_are_refuted_with_a_size(stage: tuple[Graph, Plan]) -> None:
    graph, plan = stage
    refuted = 0
    for number, buffer in enumerate(plan.buffers):
        for fault in smaller(buffer):
            theorems = for_all(graph, with_buffer(plan, number, fault))
            verdicts = [theorem.verdict for theorem in theorems.stages]
            wrong = [verdict for verdict in verdicts if isinstance(verdict, Refuted)]
            assert wrong and any(size in wrong[0].counterexample for size in ("H = ", "W = ")), verdicts
            refuted += 1
    assert refuted >= 3


def smaller(buffer: Buffer) -> list[Buffer]:
    if buffer.policy is not Policy.RING:
        return []
    faults = [replace(buffer, rows=buffer.rows - 1)] if buffer.rows > 1 else []
    faults += [replace(buffer, columns=buffer.columns - 1)] if buffer.columns > 1 else []
    return faults + ([replace(buffer, pixels=buffer.pixels - 1)] if buffer.pixels else [])


def with_buffer(plan: Plan, number: int, buffer: Buffer) -> Plan:
    return replace(plan, buffers=(*plan.buffers[:number], buffer, *plan.buffers[number + 1 :]))


def test_shifted_schedules_are_refuted(stage: tuple[Graph, Plan]) -> None:
    graph, plan = stage
    first = plan.stages[0]
    for slot, firing in enumerate(first.firings):
        if firing.demand:
            continue
        early = replace(firing.schedule, offset=firing.schedule.offset + firing.schedule.period)
        firings = (*first.firings[:slot], replace(firing, schedule=early), *first.firings[slot + 1 :])
        fault = replace(plan, stages=(replace(first, firings=firings), *plan.stages[1:]))
        assert isinstance(for_all(graph, fault).stages[0].verdict, Refuted), firing


def test_a_ring_that_holds_all_of_a_small_image_is_refuted_for_larger_ones() -> None:
    """At its own height, the plan is right: all rows fit the ring. The counterexample is a higher image."""
    recipe = (
        ("conv", 2, (3, 1), (1, 1), "SAME", (0, 0, 0, 0), 0),
        ("conv", 2, (5, 1), (1, 1), "SAME", (0, 0, 0, 0), 0),
    )
    graph = network(recipe, 3, 4)
    plan = fused(graph, InputMode.ROWS, "rows")
    ends = (*graph.inputs, *graph.outputs)
    number = next(number for number, buffer in enumerate(plan.buffers) if buffer.tensor not in ends)
    plan = with_buffer(plan, number, replace(plan.buffers[number], policy=Policy.RING, rows=3))
    assert check(graph, plan)[1] is not None
    verdict = for_all(graph, plan).stages[0].verdict
    assert isinstance(verdict, Refuted) and "H = 4" in verdict.counterexample


def test_branches_that_meet_fit_at_even_sizes_only() -> None:
    net = Net(0)
    x = net.input(1, 8, 8, 2)
    net.add(net.upsample(net.pool("MAX_POOL_2D", x, (2, 2), (2, 2)), 2), x)
    graph = net.graph()
    theorems = for_all(graph, make_plan(graph, Request("layer")))
    assert theorems.proved
    assert [(r.minimum, r.modulus, r.residue) for r in theorems.stages[-1].ranges] == [(2, 2, 0), (2, 2, 0)]


@pytest.mark.parametrize(("clip", "every"), [(streamtinynet(), True), (conv3d(), False)], ids=["all frames", "three"])
def test_clips_of_every_length(clip: Graph, every: bool) -> None:
    graph = per_frame(clip)
    theorems = for_all(graph, make_plan(graph, Request("stream")))
    assert theorems.proved
    assert any(theorem.every_clip for theorem in theorems.stages) == every


def test_every_length_notices_a_slot_that_is_off() -> None:
    graph = per_frame(streamtinynet())
    theorems = for_all(graph, make_plan(graph, Request("stream")))
    read = next(read for read in theorems.layout.reads if len(read.delays) > 1)
    solvers = open_solvers("z3")
    for obligation in every_length(theorems.layout, read):
        assert isinstance(decide(obligation, solvers).verdict, Proved)
        wrong = [a.replace("(< d T)", "(< d (+ T 1))").replace("(- T j)", "(- T j 1)") for a in obligation.assumptions]
        wider = replace(obligation, assumptions=tuple(wrong))
        assert wider.assumptions != obligation.assumptions
        assert isinstance(decide(wider, solvers).verdict, Refuted)


def test_the_command_states_the_theorems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = Net(0)
    x = net.conv(net.input(1, 12, 10, 2), 8, (3, 3), (1, 1), (1, 1))
    net.conv(x, 2, (3, 3), (2, 2), (1, 1))
    model, plan = tmp_path / "m.tflite", tmp_path / "plan.json"
    model.write_bytes(net.bytes())
    graph = command.cli.load_model(model)
    plan.write_text(plan_to_json(make_plan(graph, Request("stream"))))
    assert command.run([str(model), str(plan), "--for-all"]) == 0
    text = capsys.readouterr().out
    assert "for every H >= 2 and every W >= 2" in text and "fullest in stage" in text
    assert command.run([str(model), str(plan), "--for-all", "--json"]) == 0
    value = json.loads(capsys.readouterr().out)["for_all"]
    assert value["proved"] == len(value["stages"]) and value["stages"][0]["verdict"] == "proved"
