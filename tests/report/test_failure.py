"""Pictures of refuted plans against a simulation that writes rows into slots, tick by tick."""

from dataclasses import replace

import pytest

from tests.report.plans import graph_and_plan, largest_ring
from verify.graph.plan import Buffer, Plan, Schedule
from verify.proof.check import check
from verify.proof.layout import Layout
from verify.proof.verdict import Refuted
from verify.report.failure import Picture, picture


def refute(plan: Plan, claim: str) -> tuple[Layout, Refuted, Picture]:
    graph, _ = graph_and_plan()
    report, _ = check(graph, plan)
    verdict = report.verdicts[claim]
    assert isinstance(verdict, Refuted), report.verdicts
    layout = Layout(graph, plan)
    drawn = picture(layout, claim, verdict)
    assert drawn is not None
    return layout, verdict, drawn


def with_buffer(plan: Plan, change: Buffer) -> Plan:
    return replace(plan, buffers=tuple(change if b.tensor == change.tensor else b for b in plan.buffers))


def slots_at(layout: Layout, tensor: int, reader: int, tick: int) -> dict[int, int]:
    """Slot -> row, when operator `reader` of the first stage starts at `tick`."""
    stage, held = layout.plan.stages[0], {}
    writer, capacity, total = layout.writers[tensor], layout.buffers[tensor].rows, layout.rows(tensor)
    schedule = writer.firing.schedule if writer.firing else stage.feeds[0].schedule
    for n in range(tick + 1):
        for position in range(len(stage.feeds) + len(stage.firings)):
            slot = position - len(stage.feeds)
            if n == tick and slot >= 0 and stage.firings[slot].op == reader:
                return held
            if position == writer.place.position:
                for row in range(schedule.frontier(n - 1, total), schedule.frontier(n, total)):
                    held[row % capacity] = row
    raise AssertionError("the reader does not run in the first stage")


def test_a_ring_too_small_shows_what_took_the_row_s_slot() -> None:
    _, plan = graph_and_plan()
    ring = largest_ring(plan)
    layout, verdict, drawn = refute(with_buffer(plan, replace(ring, rows=ring.rows - 1)), "C3")
    rows, slots = drawn.strips
    (failing,) = [cell for cell in rows.cells if cell.failing]
    assert failing.state == "lost" and failing.needed
    assert f"reads row {failing.label}, which" in verdict.counterexample
    reader = next(r.node.index for r in layout.reads if f"{r.node.label} reads" in verdict.subject)
    held = slots_at(layout, ring.tensor, reader, dict(verdict.values)["n"])
    assert [cell.label for cell in slots.cells] == [f"row {held[slot]}" for slot in range(ring.rows - 1)]
    (wrong,) = [k for k, cell in enumerate(slots.cells) if cell.failing]
    assert wrong == int(failing.label) % (ring.rows - 1) and held[wrong] != int(failing.label)


def test_a_row_read_too_early_is_missing() -> None:
    _, plan = graph_and_plan()
    stage = plan.stages[0]
    first = stage.firings[0]
    early = replace(first, schedule=replace(first.schedule, offset=first.schedule.offset + first.schedule.period))
    stages = (replace(stage, firings=(early, *stage.firings[1:])), *plan.stages[1:])
    _, verdict, drawn = refute(replace(plan, stages=stages), "C2")
    (failing,) = [cell for cell in drawn.strips[0].cells if cell.failing]
    assert failing.state == "missing" and f"reads row {failing.label}, which" in verdict.counterexample


def test_a_row_never_computed_is_framed() -> None:
    _, plan = graph_and_plan()
    stage = replace(plan.stages[0], ticks=plan.stages[0].ticks - 1)
    _, verdict, drawn = refute(replace(plan, stages=(stage, *plan.stages[1:])), "C1")
    (failing,) = [cell for cell in drawn.strips[0].cells if cell.failing]
    assert failing.state == "missing" and f"row {failing.label} is never computed" in verdict.counterexample


def test_an_overlap_is_a_place_on_the_map() -> None:
    _, plan = graph_and_plan()
    rings = [b for b in plan.buffers if b.rows > 1 and b.carry and b.policy is largest_ring(plan).policy]
    layout, _, drawn = refute(with_buffer(plan, replace(rings[0], offset=rings[1].offset)), "C4")
    assert drawn.point is not None
    step, byte = drawn.point
    there = [
        b.tensor
        for b in layout.arena_buffers()
        if b.offset <= byte < b.offset + layout.size_bytes(b)
        and layout.lifetimes[b.tensor].first <= step <= layout.lifetimes[b.tensor].last
    ]
    assert len(there) >= 2


def test_a_budget_has_no_picture() -> None:
    graph, plan = graph_and_plan()
    report, _ = check(graph, replace(plan, sram_budget=10))
    verdict = report.verdicts["C5"]
    assert isinstance(verdict, Refuted) and picture(Layout(graph, plan), "C5", verdict) is None


@pytest.mark.parametrize("schedule", [Schedule(1, 1, -3), Schedule(0, 1, 0), Schedule(2**39, 1, 0)])
def test_any_schedule_has_a_picture_or_none(schedule: Schedule) -> None:
    """Plans are not trusted: however wrong the numbers, drawing ends, and quickly."""
    graph, plan = graph_and_plan()
    stage = plan.stages[0]
    wrong = replace(stage.firings[0], schedule=schedule)
    stages = (replace(stage, ticks=1000, firings=(wrong, *stage.firings[1:])), *plan.stages[1:])
    report, _ = check(graph, replace(plan, stages=stages))
    layout = Layout(graph, replace(plan, stages=stages))
    refuted = {claim: v for claim, v in report.verdicts.items() if isinstance(v, Refuted)}
    assert refuted
    for claim, verdict in refuted.items():
        drawn = picture(layout, claim, verdict)
        assert drawn is None or all(len(strip.cells) <= 24 for strip in drawn.strips)
