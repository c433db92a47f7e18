"""What a stage writes over an operand that it empties: a result in place, row by row, and the first rows of a ring."""

from dataclasses import replace

import pytest

from tests.random_models import Net
from verify.graph.graph import Graph
from verify.graph.plan import Buffer, InputMode, Plan
from verify.plan.build import build
from verify.plan.forms.layer import layer
from verify.plan.runs import grow
from verify.plan.uses import Uses
from verify.proof.check import check
from verify.proof.layout import Layout
from verify.proof.verdict import Proved, Refuted


def planned(graph: Graph, end: int) -> Plan:
    """Operator 0 by itself, operators [1, end) as one stage by rows, the others by themselves."""
    uses = Uses(graph)
    (draft,) = (replace(draft, columns=None) for draft in grow(uses, 1) if draft.end == end)
    rest = [layer(uses, k) for k in range(end, len(graph.nodes))]
    return build(uses, [layer(uses, 0), draft, *rest], InputMode.ROWS, "stream")


def result(graph: Graph, plan: Plan, number: int) -> Buffer:
    """The buffer of an operator's result."""
    return next(buffer for buffer in plan.buffers if buffer.tensor == graph.nodes[number].outputs[0])


def moved(plan: Plan, buffer: Buffer, by: int) -> Plan:
    """With all buffers 64 bytes higher in a larger arena, and this one by so many more."""
    offsets = {other.tensor: other.offset + 64 + (by if other == buffer else 0) for other in plan.buffers}
    buffers = tuple(replace(other, offset=offsets[other.tensor]) for other in plan.buffers)
    return replace(plan, arena_bytes=plan.arena_bytes + 128, buffers=buffers)


def residual(again: bool = False) -> Graph:
    """A block with a shortcut, from operator 1 to 4; `again`: so is operator 6, behind it, with the same shortcut."""
    net = Net(5)
    x = net.conv(net.input(1, 14, 6, 3), 4, (3, 3), (1, 1), (1, 1))
    y = net.depthwise(net.conv(x, 12, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1))
    total = net.add(net.conv(y, 4, (1, 1), (1, 1), (1, 1)), x)
    if again:
        net.mean(net.add(net.conv(total, 4, (5, 5), (1, 1), (1, 1)), x))
    net.mean(total)
    return net.graph()


def test_a_sum_takes_the_place_of_its_shortcut_row_by_row() -> None:
    graph = residual()
    plan = planned(graph, 5)
    assert result(graph, plan, 4).offset == result(graph, plan, 0).offset
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts


@pytest.mark.parametrize("by", [-8, 8])
def test_a_sum_beside_its_shortcut_is_refuted(by: int) -> None:
    """Where element i does not lie where element i of the operand did, it takes a row that is still read."""
    graph = residual()
    plan = planned(graph, 5)
    assert check(graph, moved(plan, result(graph, plan, 4), 0))[1] is not None
    verdict = check(graph, moved(plan, result(graph, plan, 4), by))[0].verdicts["C4"]
    assert isinstance(verdict, Refuted), verdict


def test_of_two_sums_the_last_one_takes_the_place() -> None:
    graph = residual(again=True)
    plan = planned(graph, 7)
    first, last = result(graph, plan, 4), result(graph, plan, 6)
    assert last.offset == result(graph, plan, 0).offset != first.offset
    report, proved = check(graph, plan)
    assert proved is not None, report.verdicts
    swapped = {first.tensor: last.offset, last.tensor: first.offset}
    buffers = tuple(replace(b, offset=swapped.get(b.tensor, b.offset)) for b in plan.buffers)
    assert isinstance(check(graph, replace(plan, buffers=buffers))[0].verdicts["C4"], Refuted)


@pytest.fixture(scope="module")
def filling() -> Graph:
    """An operand of which two rows die per tick, and a ring that is as large as five of the operand's rows."""
    net = Net(6)
    x = net.conv(net.input(1, 16, 8, 1), 4, (3, 3), (1, 1), (1, 1))
    y = net.depthwise(net.conv(x, 10, (1, 1), (2, 2), (1, 1)), (5, 5), (1, 1), (1, 1))
    net.mean(net.conv(y, 4, (1, 1), (1, 1), (1, 1)))
    return net.graph()


def test_a_ring_is_filled_over_rows_that_nothing_reads_any_more(filling: Graph) -> None:
    plan = planned(filling, 4)
    layout, operand, ring = Layout(filling, plan), result(filling, plan, 0), result(filling, plan, 1)
    assert max(operand.offset, ring.offset) < min(b.offset + layout.size_bytes(b) for b in (operand, ring))
    report, proved = check(filling, plan)
    assert proved is not None, report.verdicts


@pytest.mark.parametrize(("below", "right"), [(48, True), (40, True), (32, False), (0, False), (-64, False)])
def test_as_far_as_rows_die_before_the_ring_comes_to_them(filling: Graph, below: int, right: bool) -> None:
    """It begins with a row of 40 bytes before any row of the operand is dead, and then gets ahead no further."""
    plan = planned(filling, 4)
    operand, ring = result(filling, plan, 0), result(filling, plan, 1)
    offsets = {operand.tensor: 64, ring.tensor: 64 - below}
    buffers = tuple(replace(b, offset=offsets.get(b.tensor, b.offset + 1024)) for b in plan.buffers)
    verdict = check(filling, replace(plan, arena_bytes=plan.arena_bytes + 1024, buffers=buffers))[0].verdicts["C4"]
    assert isinstance(verdict, Proved if right else Refuted), verdict
    assert right or isinstance(verdict, Refuted) and "also belongs to" in verdict.counterexample
