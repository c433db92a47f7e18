"""What a model computes, tensor by tensor in full: the exact output that every plan has to reproduce."""

from collections.abc import Sequence

import numpy as np

from verify.graph.graph import Graph
from verify.graph.tensor import row_count


def evaluate(graph: Graph, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Runs every operator's reference on whole tensors, in order.

    Args:
      graph: the model.
      inputs: one array per network input, in the shape and element type that the model declares.

    Returns:
      One array per network output, in the declared shapes.

    Raises:
      ValueError: if the number of inputs, a shape or an element type differs from the declared one.
    """
    if len(inputs) != len(graph.inputs):
        raise ValueError(f"{len(inputs)} inputs were given; {graph.name} has {len(graph.inputs)}")
    values = {key: tensor.data for key, tensor in graph.tensors.items() if tensor.data is not None}
    for position, (key, shape, array) in enumerate(zip(graph.inputs, graph.input_shapes, inputs, strict=True)):
        dtype = graph.tensors[key].dtype.numpy
        if array.shape != shape or array.dtype != dtype:
            raise ValueError(f"input {position} is {array.dtype} {array.shape}; {graph.name} needs {dtype} {shape}")
        values[key] = array
    for node in graph.nodes:
        operands = [values[key].reshape(shape) for key, shape in zip(node.inputs, node.input_shapes, strict=True)]
        results = node.op.reference(operands, range(row_count(node.output_shapes[0])))
        for key, shape, result in zip(node.outputs, node.output_shapes, results, strict=True):
            values[key] = result.reshape(shape)
    return [values[key].reshape(shape) for key, shape in zip(graph.outputs, graph.output_shapes, strict=True)]
