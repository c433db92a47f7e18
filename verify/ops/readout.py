"""A network without its last dense layer: the features that this reads are its result.

What follows the layer and only keeps the order of its classes, a softmax, goes with it.
"""

from dataclasses import replace

from verify.graph.graph import Graph, Node, without_unused
from verify.graph.learning import Readout
from verify.graph.tensor import DType


class NoReadoutError(Exception):
    """A network whose last layer cannot be taken off; the message names the operator."""


def without_readout(graph: Graph) -> Graph:
    """The network up to the features that its last dense layer reads. `Graph.readout` is the layer.

    Raises:
      NoReadoutError: it has several outputs, or does not end with such a layer.
    """
    if len(graph.outputs) != 1:
        raise NoReadoutError(f"it has {len(graph.outputs)} outputs; a head that learns takes the place of the only one")
    node = _last(graph, graph.outputs[0])
    while node.op.keeps_order and len(node.inputs) == 1:
        node = _last(graph, node.inputs[0])
    features, scores = graph.tensors[node.inputs[0]], graph.tensors[node.outputs[0]]
    if features.quantization is None or scores.quantization is None or features.dtype is not DType.INT8:
        raise _refused(node)
    layer = node.op.readout(features.quantization, scores.quantization)
    if layer is None or features.index in graph.inputs:
        raise _refused(node)
    nodes = without_unused(graph.nodes, [features.index], graph.states)
    used = {tensor for n in nodes for tensor in (*n.inputs, *n.outputs)}
    return replace(
        graph,
        nodes=tuple(nodes),
        tensors={key: tensor for key, tensor in graph.tensors.items() if key in used or key in graph.inputs},
        outputs=(features.index,),
        output_shapes=(features.shape,),
        states=tuple(state for state in graph.states if state.read in used),
        fills={key: value for key, value in graph.fills.items() if key in used},
        readout=Readout(node.label, *layer, features.quantization.scale[0], features.quantization.zero_point[0]),
    )


def _last(graph: Graph, tensor: int) -> Node:
    if tensor not in graph.producers:
        raise NoReadoutError("it has no layer before its output")
    return graph.producers[tensor]


def _refused(node: Node) -> NoReadoutError:
    return NoReadoutError(
        f"{node.label} is no layer whose place a head can take: that is a FULLY_CONNECTED without an activation, over "
        "one int8 vector that other operators compute, at the network's end or before a SOFTMAX there"
    )
