"""One planted fault per claim: the checker refutes it and names the place, and replay sees what changes results."""

import time
from dataclasses import fields, replace

import numpy as np
import pytest

from tests.random_models import Net
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.graph.plan import Buffer, Firing, InputMode, Plan, Policy, Schedule
from verify.graph.plan_json import plan_from_json, plan_to_json
from verify.graph.window import Padding
from verify.plan.build import build
from verify.plan.forms.layer import layer
from verify.plan.runs import grow
from verify.plan.uses import Uses
from verify.proof.accesses import Lifetime
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate
from verify.proof.layout import Layout
from verify.proof.placement import placed
from verify.proof.replay import ReplayError, replay
from verify.proof.smt import decide
from verify.proof.verdict import Proved, Refuted
from verify.report.page import Extras, page
from verify.solvers import open_solvers


@pytest.fixture(scope="module")
def graph() -> Graph:
    """Two residual blocks, the second after a stride; streams as one stage of several rings."""
    net = Net(1)
    x = net.conv(net.input(1, 18, 5, 2), 3, (3, 3), (1, 1), (1, 1))
    x = net.add(net.depthwise(net.conv(x, 3, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1)), x)
    x = net.conv(x, 4, (3, 1), (2, 1), (1, 1))
    x = net.add(net.conv(x, 4, (5, 3), (1, 1), (1, 1)), x)
    net.dense(net.mean(x), 3)
    return net.graph()


@pytest.fixture(scope="module")
def plan(graph: Graph) -> Plan:
    """As many operators in one stage as stream along, whatever the planner would choose."""
    uses, fused = Uses(graph), None
    for draft in grow(uses, 0, graph.inputs):
        fused = replace(draft, columns=None)
    assert fused is not None
    layers = [layer(uses, k) for k in range(fused.end, len(graph.nodes))]
    plan = build(uses, [fused, *layers], InputMode.ROWS, "stream")
    assert plan.stages[0].ticks > 1 and len(plan.stages[0].firings) >= 5
    assert check(graph, plan)[1] is not None
    return plan


def refutation(graph: Graph, plan: Plan, claim: str) -> Refuted:
    report, proved = check(graph, plan)
    assert proved is None and report.verdict == "refuted"
    verdict = report.verdicts[claim]
    assert isinstance(verdict, Refuted), report.verdicts
    return verdict


def test_buffers_that_are_not_compared_must_not_live_together(graph: Graph, plan: Plan) -> None:
    """A checker that takes one buffer to begin too late, when it puts them in order, is told so."""
    layout = Layout(graph, plan)
    spans = {buffer.tensor: layout.span(buffer) for buffer in layout.arena_buffers()}
    longest = max(spans, key=lambda tensor: spans[tensor].last - spans[tensor].first)

    class Hasty(Layout):
        asked = 0

        def span(self, buffer: Buffer) -> Lifetime:
            self.asked += buffer.tensor == longest
            return replace(spans[buffer.tensor], first=99) if self.asked == 1 else spans[buffer.tensor]

    for made, kind in ((layout, Proved), (Hasty(graph, plan), Refuted)):
        (order,) = (obligation for obligation in placed(made) if obligation.subject == "plan")
        assert isinstance(decide(order, open_solvers("z3")).verdict, kind)


def replay_differs(graph: Graph, plan: Plan) -> bool:
    inputs = random_inputs(graph, 0)
    try:
        runs = [replay(graph, plan, inputs, garbage) for garbage in (1, 2)]
    except ReplayError:
        return True
    expected = evaluate(graph, inputs)
    return any(not np.array_equal(a, e) for run in runs for a, e in zip(run, expected, strict=True))


def with_firing(plan: Plan, stage: int, slot: int, change: Firing) -> Plan:
    stages = list(plan.stages)
    firings = list(stages[stage].firings)
    firings[slot] = change
    stages[stage] = replace(stages[stage], firings=tuple(firings))
    return replace(plan, stages=tuple(stages))


def with_buffer(plan: Plan, change: Buffer) -> Plan:
    return replace(plan, buffers=tuple(change if b.tensor == change.tensor else b for b in plan.buffers))


def largest_ring(plan: Plan) -> Buffer:
    return max((b for b in plan.buffers if b.policy is Policy.RING and b.carry), key=lambda b: b.rows)


def test_c1_a_stage_that_ends_one_tick_early_misses_the_last_row(graph: Graph, plan: Plan) -> None:
    stage = replace(plan.stages[0], ticks=plan.stages[0].ticks - 1)
    mutant = replace(plan, stages=(stage, *plan.stages[1:]))
    assert "is never computed" in refutation(graph, mutant, "C1").counterexample
    assert replay_differs(graph, mutant)


@pytest.mark.parametrize(
    ("ticks", "columns", "found"),
    [
        (2**39, 1, "has 549755813888 row ticks; nothing in this model has use for more than 65536"),
        (30, 2**40, "has 1099511627776 column ticks"),
        (2**16, 2**16, "has 4294967296 steps, row by column"),
    ],
)
def test_c1_ticks_beyond_all_use_are_refuted_before_anything_is_made_for_each(
    graph: Graph, plan: Plan, ticks: int, columns: int, found: str
) -> None:
    stage = replace(plan.stages[0], ticks=ticks, columns=columns)
    mutant = plan_from_json(plan_to_json(replace(plan, stages=(stage, *plan.stages[1:]))))
    start = time.process_time()
    refuted = refutation(graph, mutant, "C1")
    assert refuted.subject == "stage 0" and found in refuted.counterexample
    with pytest.raises(ReplayError, match="nothing in this model has use for more"):
        replay(graph, mutant, random_inputs(graph, 0))
    report, _ = check(graph, mutant)
    assert found in page(graph, mutant, report, Extras("", ""))
    assert time.process_time() - start < 5


def test_c1_an_operator_left_out_is_named(graph: Graph, plan: Plan) -> None:
    mutant = replace(plan, stages=plan.stages[:-1])
    found = refutation(graph, mutant, "C1")
    assert "FULLY_CONNECTED" in found.subject and "0 times" in found.counterexample


def test_c1_half_an_operator_that_needs_everything(graph: Graph, plan: Plan) -> None:
    last = len(plan.stages) - 2  # the mean: 3 ticks that claim one row each cannot be
    firing = plan.stages[last].firings[0]
    mutant = with_firing(plan, last, 0, replace(firing, schedule=Schedule(0, 1, 0)))
    assert "is never computed" in refutation(graph, mutant, "C1").counterexample


def test_c2_a_row_fired_one_tick_early_reads_what_is_not_there(graph: Graph, plan: Plan) -> None:
    firing = plan.stages[0].firings[0]
    s = firing.schedule
    mutant = with_firing(plan, 0, 0, replace(firing, schedule=replace(s, offset=s.offset + s.period)))
    found = refutation(graph, mutant, "C2")
    assert "has not been written yet" in found.counterexample and "CONV_2D" in found.subject
    assert replay_differs(graph, mutant)


def test_c2_operators_of_a_tick_in_the_wrong_order(graph: Graph, plan: Plan) -> None:
    firings = plan.stages[0].firings
    stage = replace(plan.stages[0], firings=(firings[1], firings[0], *firings[2:]))
    mutant = replace(plan, stages=(stage, *plan.stages[1:]))
    assert isinstance(refutation(graph, mutant, "C2"), Refuted)
    assert replay_differs(graph, mutant)


def test_c2_the_rule_of_patches_where_there_is_no_image(graph: Graph, plan: Plan) -> None:
    last = plan.stages[-1]
    assert graph.by_index[last.firings[0].op].op.kind == "FULLY_CONNECTED"
    mutant = replace(plan, stages=(*plan.stages[:-1], replace(last, pads_ends=True)))
    assert "the rule is about patches of images" in refutation(graph, mutant, "C2").counterexample


def test_c3_a_ring_one_row_too_small_is_overwritten(graph: Graph, plan: Plan) -> None:
    ring = largest_ring(plan)
    mutant = with_buffer(plan, replace(ring, rows=ring.rows - 1))
    found = refutation(graph, mutant, "C3")
    assert f"overwritten in its ring of {ring.rows - 1} rows" in found.counterexample
    assert replay_differs(graph, mutant)


def test_names_cannot_add_assertions(graph: Graph, plan: Plan) -> None:
    """Names stand in comments of what the solver is given; the reader cleans those of files, other callers may not."""
    for name in ("x\n(assert false)\n;", "x\r(assert false)", "\x00", "\ud800"):
        tensors = {key: replace(tensor, name=name) for key, tensor in graph.tensors.items()}
        named = replace(graph, tensors=tensors, nodes=tuple(replace(node, name=name) for node in graph.nodes))
        assert check(named, plan)[1] is not None
        ring = largest_ring(plan)
        mutant = with_buffer(plan, replace(ring, rows=ring.rows - 1))
        assert "overwritten" in refutation(named, mutant, "C3").counterexample


def test_c3_a_shortcut_without_its_delay_line(graph: Graph, plan: Plan) -> None:
    add = next(n for n in graph.nodes if len(n.inputs) == 2)
    shortcut = next(b for b in plan.buffers if b.tensor == add.inputs[1])
    mutant = with_buffer(plan, replace(shortcut, rows=1, policy=Policy.RING))
    assert isinstance(refutation(graph, mutant, "C3"), Refuted)
    assert replay_differs(graph, mutant)


def test_c3_a_ring_that_claims_to_hold_rows_within_a_tick_only(graph: Graph, plan: Plan) -> None:
    mutant = with_buffer(plan, replace(largest_ring(plan), carry=False))
    assert "earlier tick" in refutation(graph, mutant, "C3").counterexample


def test_c3_a_network_output_in_a_ring(graph: Graph, plan: Plan) -> None:
    output = next(b for b in plan.buffers if b.tensor == graph.outputs[0])
    mutant = with_buffer(plan, replace(output, policy=Policy.RING))
    assert "outputs are whole" in refutation(graph, mutant, "C3").counterexample


def test_c4_buffers_alive_together_that_overlap(graph: Graph, plan: Plan) -> None:
    rings = [b for b in plan.buffers if b.policy is Policy.RING and b.carry]
    mutant = with_buffer(plan, replace(rings[0], offset=rings[1].offset))
    assert "also belongs to" in refutation(graph, mutant, "C4").counterexample
    assert replay_differs(graph, mutant)


def test_c4_a_buffer_beyond_the_arena(graph: Graph, plan: Plan) -> None:
    mutant = replace(plan, arena_bytes=plan.arena_bytes - 8)
    assert "of an arena of" in refutation(graph, mutant, "C4").counterexample
    assert replay_differs(graph, mutant)


def test_c4_a_buffer_that_is_not_aligned(graph: Graph, plan: Plan) -> None:
    mutant = replace(with_buffer(plan, replace(plan.buffers[0], offset=plan.arena_bytes + 4)), arena_bytes=2**20)
    assert "aligned to 8" in refutation(graph, mutant, "C4").counterexample


def test_c5_a_budget_below_the_sum(graph: Graph, plan: Plan) -> None:
    mutant = replace(plan, sram_budget=plan.sram_bytes - 1)
    assert f"the budget is {plan.sram_bytes - 1}" in refutation(graph, mutant, "C5").counterexample
    assert check(graph, replace(plan, sram_budget=plan.sram_bytes))[1] is not None


def test_c5_state_that_is_left_out(graph: Graph, plan: Plan) -> None:
    assert "the model needs" in refutation(graph, replace(plan, state_bytes=0), "C5").counterexample


def test_c5_weights_beyond_the_flash_budget(graph: Graph, plan: Plan) -> None:
    assert "of flash" in refutation(graph, replace(plan, flash_budget=100), "C5").counterexample


def test_c7_padding_with_a_value_that_is_not_zero(graph: Graph, plan: Plan) -> None:
    firing = plan.stages[0].firings[0]
    assert firing.padding is not None
    mutant = with_firing(plan, 0, 0, replace(firing, padding=replace(firing.padding, value=firing.padding.value + 1)))
    assert "the model pads" in refutation(graph, mutant, "C7").counterexample


def test_c7_a_model_whose_padding_contributes(graph: Graph, plan: Plan) -> None:
    node = graph.nodes[0]
    right = node.op.padding
    assert right is not None

    class Shifted(type(node.op)):  # type: ignore[misc]
        """The first operator, with a padding value that its kernel would not skip rightly."""

        @property
        def padding(self) -> Padding:
            return replace(right, value=right.value + 3)

    op = Shifted(**{field.name: getattr(node.op, field.name) for field in fields(node.op)})  # type: ignore[arg-type]
    shifted = replace(graph, nodes=(replace(node, op=op), *graph.nodes[1:]))
    firing = replace(plan.stages[0].firings[0], padding=shifted.nodes[0].op.padding)
    found = refutation(shifted, with_firing(plan, 0, 0, firing), "C7")
    assert "weight" in found.counterexample and "adds" in found.counterexample


def test_a_plan_for_another_model(graph: Graph, plan: Plan) -> None:
    assert "the plan is for the model" in refutation(graph, replace(plan, model_sha256="0" * 64), "C1").counterexample


def test_feeding_a_model_whose_input_stands_whole(graph: Graph, plan: Plan) -> None:
    mutant = replace(plan, input_mode=InputMode.WHOLE)
    assert "nothing is fed" in refutation(graph, mutant, "C1").counterexample


def test_only_the_checker_makes_a_proved_plan(graph: Graph, plan: Plan) -> None:
    report, _ = check(graph, plan)
    with pytest.raises(TypeError, match="made by verify.proof.check.check only"):
        ProvedPlan(graph, plan, report, object())


def test_c3_a_tile_narrower_than_the_rows_that_its_stage_computes_at_once(graph: Graph, plan: Plan) -> None:
    """The stage has one column tick, so whole rows are written to where only some of their columns have a place."""
    assert plan.stages[0].columns == 1
    ring = largest_ring(plan)
    mutant = with_buffer(plan, replace(ring, columns=graph.tensors[ring.tensor].shape[2] - 1))
    assert "columns" in refutation(graph, mutant, "C3").counterexample
    assert replay_differs(graph, mutant)


def test_c3_a_ring_of_pixels_in_a_stage_that_computes_whole_rows(graph: Graph, plan: Plan) -> None:
    ring = largest_ring(plan)
    pixels = ring.rows * graph.tensors[ring.tensor].shape[2]
    roomy = replace(plan, stack_bytes=2 * plan.stack_bytes)  # kernels for regions need more than those for rows
    whole_rows = with_buffer(roomy, replace(ring, rows=1, pixels=pixels))
    assert check(graph, whole_rows)[1] is not None and not replay_differs(graph, whole_rows)
    mutant = with_buffer(plan, replace(ring, rows=1, pixels=pixels - 1))
    assert "ring of" in refutation(graph, mutant, "C3").counterexample
    assert replay_differs(graph, mutant)
