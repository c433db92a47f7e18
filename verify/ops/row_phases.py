"""A network in which rows in front of strided windows are computed in bursts, when the window takes them.

Before a window of k rows and stride s, a ring of the rows that it reads has to hold k - 1 of them while the next ones
come in. If instead s rows are computed at the moment at which the window moves on, it has to hold k - s. So that each
of them is a row of something, the operator in front becomes s operators, one for each phase y mod s of its rows, and
the window's operator reads s operands: schedules, rings and claims are then what they are for any network. Which
operators can be taken apart so are their own facts (`Op.row_phase`, `Op.by_row_phases`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from verify.graph.graph import Graph, Node
from verify.graph.tensor import Axis, Tensor, is_image
from verify.ops.base import Op


class NotPhasedError(Exception):
    """A network cannot be taken apart as asked; the message says where and why."""


@dataclass(frozen=True)
class Pair:
    """An operator whose window strides over rows, the one that makes them for it alone, and both in phases."""

    reader: Node
    producer: Node
    whole: Op
    parts: tuple[Op, ...]


def phasable(graph: Graph) -> tuple[int, ...]:
    """The operators, by index, whose operands' rows can be computed in phases, where that leaves fewer to keep."""
    return tuple(node.index for node in graph.nodes if _pair(graph, node) is not None)


def phased(graph: Graph, operators: tuple[int, ...]) -> Graph:
    """The network in which these operators, by index, read the rows of their operands in phases.

    The first phase keeps the number of the operator and of the tensor; the others are numbered after all there are.

    Args:
      graph: a whole network as it was read.
      operators: ascending.

    Raises:
      NotPhasedError: one of them does not exist or is none of `phasable`.
    """
    if not operators:
        return graph
    if list(operators) != sorted(set(operators)) or graph.phased or graph.left_out:
        raise NotPhasedError(f"operators {[*operators]} are to be in phases: each once, ascending, of a whole network")
    pairs = [_pair(graph, graph.by_index[index]) if index in graph.by_index else None for index in operators]
    if None in pairs:
        raise NotPhasedError(f"op {operators[pairs.index(None)]} does not read rows that can be computed in phases")
    tensors, index = dict(graph.tensors), max(graph.by_index) + 1
    parts: dict[int, list[Node]] = {}
    for pair in filter(None, pairs):
        made = list(_parts(tensors[pair.reader.inputs[0]], pair, index, max(tensors) + 1))
        tensors |= {tensor.index: tensor for _, tensor in made}
        index += len(made) - 1
        keys = tuple(tensor.index for _, tensor in made)
        views = tuple(tensor.shape for _, tensor in made)
        parts[pair.producer.index] = [node for node, _ in made]
        parts[pair.reader.index] = [replace(pair.reader, op=pair.whole, inputs=keys, input_shapes=views)]
    nodes = tuple(part for node in graph.nodes for part in parts.get(node.index, [node]))
    return replace(graph, tensors=tensors, nodes=nodes, phased=operators)


def _pair(graph: Graph, reader: Node) -> Pair | None:
    """An operator that can read in phases, with what is in front of it, which then reads as it did."""
    window = reader.op.window(0, Axis.HEIGHT) if len(reader.inputs) == 1 and graph.clip_frames == 1 else None
    tensor = reader.inputs[0] if reader.inputs else -1
    producer = graph.producers.get(tensor)
    if window is None or producer is None or tensor in graph.outputs or len(graph.readers[tensor]) > 1:
        return None
    if reader.delays_of(0) != (0,) or graph.kept_frames(tensor) > 1 or producer.slides_over_frames:
        return None
    shapes = {graph.tensors[tensor].shape, *reader.input_shapes, *producer.output_shapes}
    if not 1 < window.stride < window.kernel or len(shapes) > 1 or not all(map(is_image, shapes)):
        return None
    whole = reader.op.by_row_phases(window.stride)
    parts = tuple(producer.op.row_phase(phase, window.stride) for phase in range(window.stride))
    if whole is None or None in parts or len(producer.outputs) > 1 or _pair(graph, producer) is not None:
        return None
    return Pair(reader, producer, whole, tuple(filter(None, parts)))


def _parts(tensor: Tensor, pair: Pair, index: int, key: int) -> Iterator[tuple[Node, Tensor]]:
    """The producer's phases with their tensors; all but the first are numbered from `index` and `key` on."""
    batch, height, width, channels = tensor.shape
    for phase, op in enumerate(pair.parts):
        rows = len(range(phase, height, len(pair.parts)))
        number, own = (key + phase - 1, index + phase - 1) if phase else (tensor.index, pair.producer.index)
        part = replace(tensor, index=number, shape=(batch, rows, width, channels))
        yield replace(pair.producer, index=own, op=op, outputs=(number,), output_shapes=(part.shape,)), part
