"""A small network with a plan of several stages and rings, for what reports say about it."""

from tests.random_models import Net
from verify.graph.graph import Graph
from verify.graph.plan import Buffer, Plan, Policy
from verify.plan.request import Request
from verify.plan.search import make_plan


def net() -> Net:
    """A residual block, a stride, a head."""
    net = Net(1)
    x = net.conv(net.input(1, 30, 7, 2), 3, (3, 3), (1, 1), (1, 1))
    x = net.add(net.depthwise(net.conv(x, 3, (1, 1), (1, 1), (1, 1)), (3, 3), (1, 1), (1, 1)), x)
    x = net.conv(x, 4, (5, 3), (2, 2), (1, 1))
    net.dense(net.mean(x), 3)
    return net


def graph_and_plan(scheme: str = "stream") -> tuple[Graph, Plan]:
    graph = net().graph()
    return graph, make_plan(graph, Request(scheme))


def largest_ring(plan: Plan) -> Buffer:
    return max((b for b in plan.buffers if b.policy is Policy.RING and b.carry), key=lambda b: b.rows)
