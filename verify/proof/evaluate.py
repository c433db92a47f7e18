"""What a model computes, tensor by tensor in full: the exact output that every plan has to reproduce."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from verify.graph.answers import given
from verify.graph.graph import Graph, Node
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
    (outputs,) = evaluate_calls(graph, [inputs])
    return outputs


def evaluate_calls(graph: Graph, calls: Iterable[Sequence[np.ndarray]]) -> Iterator[list[np.ndarray]]:
    """The outputs of one call after the other, as `evaluate` gives them; the graph's states go on from call to call.

    Raises:
      ValueError: as `evaluate`.
    """
    states = {state.read: state.first for state in graph.states}
    before: list[dict[int, np.ndarray]] = []
    kept = max((graph.kept_frames(tensor) for tensor in graph.tensors), default=1) - 1
    for inputs in calls:
        values = _values(graph, inputs, states, before)
        yield [values[key].reshape(shape) for key, shape in zip(graph.outputs, graph.output_shapes, strict=True)]
        states = {state.read: values[state.written] for state in graph.states}
        before = [values, *before][:kept]


def _values(
    graph: Graph,
    inputs: Sequence[np.ndarray],
    states: Mapping[int, np.ndarray],
    before: Sequence[dict[int, np.ndarray]],
) -> dict[int, np.ndarray]:
    """Every tensor's contents at the end of a call; `before` are those of earlier ones, the last one first."""
    if len(inputs) != len(graph.inputs):
        raise ValueError(f"{len(inputs)} inputs were given; {graph.name} has {len(graph.inputs)}")
    values = {key: tensor.data for key, tensor in graph.tensors.items() if tensor.data is not None} | dict(states)
    for position, (key, shape, array) in enumerate(zip(graph.inputs, graph.input_shapes, inputs, strict=True)):
        dtype = graph.tensors[key].dtype.numpy
        if array.shape != shape or array.dtype != dtype:
            raise ValueError(f"input {position} is {array.dtype} {array.shape}; {graph.name} needs {dtype} {shape}")
        values[key] = array
    for node in graph.nodes:
        operands = [_operand(graph, node, k, [values, *before]) for k in range(len(node.inputs))]
        results = node.op.reference(operands, range(row_count(node.output_shapes[0])))
        for key, shape, result in zip(node.outputs, node.output_shapes, results, strict=True):
            values[key] = result.reshape(shape)
    return values


def _operand(graph: Graph, node: Node, position: int, calls: Sequence[dict[int, np.ndarray]]) -> np.ndarray:
    """An operand of the first of these calls, the others before it; over frames, from the view's first row on."""
    tensor, shape = graph.tensors[node.inputs[position]], node.input_shapes[position]
    fill = np.full(tensor.shape, graph.fills.get(tensor.index, 0), tensor.dtype.numpy)
    delays = node.delays_of(position)
    found = [calls[d][tensor.index] if d < len(calls) else fill for d in delays]
    if len(delays) == 1:
        return found[0].reshape(shape)
    rows = np.zeros((shape[1], tensor.elements), tensor.dtype.numpy)
    rows[[delays[0] - d for d in delays]] = [frame.reshape(-1) for frame in found]
    return rows.reshape(shape)


def evaluate_stream(
    clip: Graph, program: Graph, frames: Sequence[np.ndarray], step: int = 1
) -> Iterator[tuple[int, list[np.ndarray]]]:
    """Frames of a stream at which C8 says what a program of one frame gives, and its outputs there, by the clip model.

    Args:
      clip, program: the model and its program of one frame.
      frames: one array per network input, frame after frame.
      step: frames from one result to the next.
    """
    length, whole = program.clip_frames, dict[int, list[np.ndarray]]()
    for answer in given(program, len(frames[0]), step):
        if answer.end not in whole:
            window = [array[answer.end + 1 - length : answer.end + 1] for array in frames]
            inputs = [array.reshape(shape) for array, shape in zip(window, clip.input_shapes, strict=True)]
            whole = {answer.end: evaluate(clip, inputs)}  # answers of one clip stand side by side
        results = whole[answer.end]
        if program.results > 1:
            results = [result.reshape(program.results, -1)[answer.position] for result in results]
        yield answer.frame, results
