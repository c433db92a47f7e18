"""A small network that ends with a dense layer, and plans of it with a head that learns."""

from dataclasses import replace

from tests.random_models import Net
from tests.tiny_model import activation
from verify.graph.graph import Graph
from verify.graph.learning import Learning
from verify.graph.plan import Plan
from verify.learning.make import learning_for
from verify.ops.readout import without_readout
from verify.plan.request import Request
from verify.plan.search import make_plan


def net(softmax: bool = True) -> Net:
    """9 x 6 pixels to 5 features to 3 classes."""
    made = Net(3)
    x = made.conv(made.input(1, 9, 6, 2), 4, (3, 3), (2, 1), (1, 1))
    x = made.dense(made.mean(made.conv(x, 5, (3, 3), (1, 1), (1, 1))), 3)
    if softmax:
        made.append("SOFTMAX", (x,), activation(made.next(), x.shape, 2**-8, -128), {"beta": 1.0})
    return made


def learning(graph: Graph, head: str = "dense", classes: int = 4, room: int = 6, passes: int = 2) -> Learning:
    """Of a graph without its last layer."""
    return learning_for(graph, head, classes, room, passes)


def planned(head: str = "dense", **options: int) -> tuple[Graph, Plan]:
    graph = without_readout(net().graph())
    return graph, replace(make_plan(graph, Request()), learning=learning(graph, head, **options))
