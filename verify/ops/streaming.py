"""Which windows really apply on the edges of a graph: an operator's rule, seen through the storage it reads.

A node may see a tensor under another shape than its producer wrote (aliased reshapes). Rows then do not correspond,
and the edge is treated as needing everything.
"""

from verify.graph.graph import Graph, Node
from verify.graph.tensor import Axis, row_count
from verify.graph.window import Window


def written_rows(graph: Graph, tensor: int, producer: Node | None) -> int:
    """Rows in which a tensor comes into being: its producer's view, or its own shape for a network input."""
    if producer is None:
        return graph.tensors[tensor].rows
    return row_count(producer.output_shapes[producer.outputs.index(tensor)])


def edge_window(graph: Graph, node: Node, position: int, producer: Node | None, axis: Axis) -> Window | None:
    """Rows of operand `position` that one output row of `node` needs; None when it may need all of them."""
    tensor = node.inputs[position]
    if row_count(node.input_shapes[position]) != written_rows(graph, tensor, producer):
        return None
    if graph.tensors[tensor].rows != row_count(node.input_shapes[position]):
        return None
    return node.op.window(position, axis)


def output_rows(node: Node) -> int:
    """Rows that `node` computes; all its outputs have as many when it is row-wise."""
    return row_count(node.output_shapes[0])
