"""Last rows of a result that are written over rings of the same stage which nothing needs any more."""

from dataclasses import replace

import pytest

from tests.random_models import Net
from verify.graph.graph import Graph
from verify.graph.plan import Buffer, InputMode, Plan, Policy
from verify.plan.build import build
from verify.plan.draft import whole_tensors
from verify.plan.forms.layer import layer
from verify.plan.request import Request
from verify.plan.runs import grow
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.proof.check import check
from verify.proof.layout import Layout
from verify.proof.verdict import Refuted


@pytest.fixture(scope="module")
def graph() -> Graph:
    """A stage whose result comes late: windows of 5 rows twice, and strides."""
    net = Net(4)
    x = net.conv(net.input(1, 24, 10, 3), 4, (3, 3), (2, 2), (1, 1))
    for stride in (1, 2):
        x = net.depthwise(net.conv(x, 12, (1, 1), (1, 1), (1, 1)), (5, 5), (stride, stride), (1, 1))
        x = net.conv(x, 16, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(net.conv(x, 6, (1, 1), (1, 1), (1, 1))), 3)
    return net.graph()


@pytest.fixture(scope="module")
def plan(graph: Graph) -> Plan:
    return make_plan(graph, Request(once=True))


def shared(graph: Graph, plan: Plan) -> list[tuple[Buffer, Buffer]]:
    """Rings, and results that stand whole, of the same stage with bytes of both."""
    layout = Layout(graph, plan)

    def meet(one: Buffer, other: Buffer) -> bool:
        low, high = max(one.offset, other.offset), min(b.offset + layout.size_bytes(b) for b in (one, other))
        return low < high and layout.writers[one.tensor].place.stage == layout.writers[other.tensor].place.stage

    rings = [buffer for buffer in plan.buffers if buffer.policy is Policy.RING and buffer.carry]
    return [(r, b) for r in rings for b in plan.buffers if b.policy is Policy.WHOLE and meet(r, b)]


def test_what_lies_over_a_ring_is_proved(graph: Graph, plan: Plan) -> None:
    ring, _ = shared(graph, plan)[0]
    layout = Layout(graph, plan)
    (life,) = layout.lives(ring)
    assert life.bytes_at is not None and life.needed
    ends = [life.bytes_at(tick)[1] for tick in range(life.ticks)]
    last = ends.index(0)
    assert 0 < ends[0] < max(ends) == layout.size_bytes(ring) and not any(ends[last:])
    assert sorted(ends[:last]) == ends[:last], "it is filled, and then no longer needed"
    assert check(graph, plan)[1] is not None


def test_a_row_that_comes_too_early_is_refuted(graph: Graph, plan: Plan) -> None:
    """With the ring by as little lower as buffers can lie, a row of the result takes bytes that are still needed."""
    ring, _ = shared(graph, plan)[0]
    buffers = tuple(replace(b, offset=b.offset - 16) if b == ring else b for b in plan.buffers)
    verdict = check(graph, replace(plan, buffers=buffers))[0].verdicts["C4"]
    assert isinstance(verdict, Refuted) and "also belongs to" in verdict.counterexample


def test_a_stage_of_several_results() -> None:
    """What stands whole beside a result is no ring, though the stage reads it, too."""
    net = Net(4)
    x = net.conv(net.conv(net.input(1, 16, 6, 2), 4, (3, 3), (2, 2), (1, 1)), 4, (3, 3), (1, 1), (1, 1))
    net.add(net.conv(net.conv(x, 4, (5, 3), (1, 1), (1, 1)), 4, (3, 3), (1, 1), (1, 1)), x)
    graph = net.graph()
    uses = Uses(graph)
    (draft,) = (draft for draft in grow(uses, 0, graph.inputs) if draft.end == 3)
    assert len(whole_tensors(uses, draft)) == 2
    made = build(uses, [draft, layer(uses, 3), layer(uses, 4)], InputMode.ROWS, "stream")
    assert check(graph, made)[1] is not None
