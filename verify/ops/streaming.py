"""Which windows really apply on the edges of a graph: an operator's rule, seen through the storage it reads.

A node may see a tensor under another shape than its producer wrote (aliased reshapes). Rows then do not correspond,
and the edge is treated as needing everything.
"""

from verify.graph.graph import Graph, Node
from verify.graph.tensor import Axis, is_image, row_count
from verify.graph.window import Window


def written_rows(graph: Graph, tensor: int, producer: Node | None) -> int:
    """Rows in which a tensor comes into being: its producer's view, or its own shape for a network input."""
    if producer is None:
        return graph.tensors[tensor].rows
    return row_count(producer.output_shapes[producer.outputs.index(tensor)])


def edge_window(graph: Graph, node: Node, position: int, producer: Node | None, axis: Axis) -> Window | None:
    """Positions of an operand along `axis` that one output position of `node` needs; None: it may need all of them."""
    tensor = node.inputs[position]
    if row_count(node.input_shapes[position]) != written_rows(graph, tensor, producer):
        return None
    if graph.tensors[tensor].rows != row_count(node.input_shapes[position]):
        return None
    if axis is Axis.WIDTH and not _same_image(graph, node, position, producer):
        return None
    return node.op.window(position, axis)


def _same_image(graph: Graph, node: Node, position: int, producer: Node | None) -> bool:
    """Whether reader, storage and producer see one and the same image, so that columns are columns for all."""
    tensor = node.inputs[position]
    shapes = {node.input_shapes[position], graph.tensors[tensor].shape}
    if producer is not None:
        shapes.add(producer.output_shapes[producer.outputs.index(tensor)])
    return len(shapes) == 1 and is_image(graph.tensors[tensor].shape)


def extent(node: Node, axis: Axis) -> int:
    """Positions that `node` computes along HEIGHT or WIDTH."""
    return output_rows(node) if axis is Axis.HEIGHT else node.output_shapes[0][-2]


def output_rows(node: Node) -> int:
    """Rows that `node` computes; all its outputs have as many when it is row-wise."""
    return row_count(node.output_shapes[0])
