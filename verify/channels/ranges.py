"""What each channel of every tensor can hold, whatever the inputs are: from the operators, one after the other."""

import numpy as np

from verify.graph.graph import Graph, Node
from verify.graph.tensor import DType, Tensor
from verify.ops.arithmetic import INT32, stored_range
from verify.ops.channels import Channels, alike, last_axis


def channel_ranges(graph: Graph) -> dict[int, Channels]:
    """Lowest and highest value of each channel of each tensor, frames before the first one included."""
    ranges = {index: _without_operator(tensor) for index, tensor in graph.tensors.items()}
    for node in graph.nodes:
        found = _of(node, [ranges[tensor] for tensor in node.inputs])
        if found is None:
            continue
        for tensor in node.outputs:
            fill = graph.fills.get(tensor)
            seen = found.seen(last_axis(graph.tensors[tensor].shape))
            ranges[tensor] = seen if fill is None else seen.joined(fill)
    return ranges


def _of(node: Node, operands: list[Channels]) -> Channels | None:
    """What a node's outputs can hold; None for all of their type."""
    seen = [x.seen(last_axis(shape)) for x, shape in zip(operands, node.input_shapes, strict=True)]
    found = node.op.channel_ranges(seen)
    if found is not None:
        return found
    stored = node.op.stored([x.hull for x in operands])
    return None if stored is None else alike(stored, 1)


def _without_operator(tensor: Tensor) -> Channels:
    """A constant's own values; all of the type of anything else."""
    count, values = last_axis(tensor.shape), tensor.data
    if values is not None and values.size and values.dtype.kind in "iu":
        columns = values.reshape(-1, count).astype(np.int64)
        return Channels(columns.min(axis=0), columns.max(axis=0))
    # Floats have no stored integers: no interval of them is a point.
    return alike(INT32 if tensor.dtype is DType.FLOAT32 else stored_range(tensor.dtype), count)
