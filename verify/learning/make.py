"""What a plan says of a head that learns, from what somebody wants of it."""

from dataclasses import replace

from verify.graph.graph import Graph
from verify.graph.learning import Learning
from verify.learning import HEADS
from verify.learning.dense import rates
from verify.learning.head import struct_bytes

RATE = 0.25
"""Of gradient steps, for features in [0, 1]."""


def learning_for(graph: Graph, head: str, classes: int, room: int = 0, passes: int = 1, rate: float = RATE) -> Learning:
    """The head of a network without its last layer (verify.ops.readout).

    Args:
      graph: that network, or its program of one frame.
      head: a name of `HEADS`.
      classes: labels, those of the layer first.
      room, passes, rate: of gradient steps; see verify.graph.learning.
    """
    assert graph.readout is not None, "the network has its last layer yet"
    features = graph.tensors[graph.outputs[0]].elements
    found = Learning(head, classes, features, room, passes, *rates(graph.readout, rate), 0)
    return replace(found, bytes=struct_bytes(HEADS[head], found))
