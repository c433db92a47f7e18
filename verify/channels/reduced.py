"""A network without the channels that are left out: smaller tensors, operators that do without them.

What an operator is without channels is its own fact (`Op.without`); here they are brought together. Channel c of a
tensor stands, seen with a last axis k times as long, at the k positions c, c + C, c + 2 C, ...
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from verify.graph.graph import Graph, LeftOut, Node
from verify.graph.tensor import Tensor
from verify.ops.channels import Gone, fewer, last_axis


class NotReducibleError(Exception):
    """Channels cannot be left out as asked; `subject` is the operator or tensor, `text` says why."""

    def __init__(self, subject: str, text: str):
        super().__init__(f"{subject}: {text}")
        self.subject, self.text = subject, text


def reduced(graph: Graph, left_out: tuple[LeftOut, ...]) -> Graph:
    """What is left of a network (of `graph.whole`, where `graph` is itself what is left of one).

    Outputs are the same, bit for bit, if every channel that is left out holds the value stated for every input.

    Raises:
      NotReducibleError: a tensor or channel does not exist, is the network's interface, or an operator needs it.
    """
    whole = graph.whole or graph
    if not left_out:
        return whole
    for entry in left_out:
        _check(whole, entry)
    gone: dict[int, Gone] = {e.tensor: dict(zip(e.channels, e.values, strict=True)) for e in left_out}
    if len(gone) < len(left_out):
        raise NotReducibleError("plan file", "channels of one tensor are left out in two places")
    nodes = tuple(_node(whole, node, gone) for node in whole.nodes)
    tensors = {key: _tensor(tensor, gone.get(key, {})) for key, tensor in whole.tensors.items()}
    return replace(whole, tensors=tensors, nodes=nodes, left_out=left_out, whole=whole)


def positions(gone: Gone, count: int, last: int) -> Gone | None:
    """Where channels of a tensor that has `count` stand along a last axis of `last`; None where they have no place."""
    if last % count:
        return None if gone else {}
    return {p: gone[p % count] for p in range(last) if p % count in gone}


def _check(graph: Graph, entry: LeftOut) -> None:
    """What is true of channels that can be left out, whatever reads them."""
    tensor = graph.tensors.get(entry.tensor)
    if tensor is None:
        raise NotReducibleError(f"tensor {entry.tensor}", "has channels that are left out, and is not in this model")
    where, count = f'tensor {entry.tensor} "{tensor.name}"', last_axis(tensor.shape)
    if entry.tensor in (*graph.inputs, *graph.outputs):
        raise NotReducibleError(where, "channels of the network's own inputs and outputs are not left out")
    if list(entry.channels) != sorted(set(entry.channels)) or not set(entry.channels) < set(range(count)):
        raise NotReducibleError(where, f"channels left out must ascend, exist (there are {count}), and leave one")
    if len(entry.values) != len(entry.channels):
        raise NotReducibleError(where, f"{len(entry.channels)} channels are left out, with {len(entry.values)} values")


def _node(graph: Graph, node: Node, gone: Mapping[int, Gone]) -> Node:
    """A node between tensors without channels."""
    inputs = [_seen(graph, node, *end, gone) for end in zip(node.inputs, node.input_shapes, strict=True)]
    outputs = [_seen(graph, node, *end, gone) for end in zip(node.outputs, node.output_shapes, strict=True)]
    if not any((*inputs, *outputs)):
        return node
    op = node.op.without(inputs, outputs[0].keys()) if len(outputs) == 1 else None
    if op is None:
        ends = [t for t, found in zip(node.inputs + node.outputs, inputs + outputs, strict=True) if found]
        text = f"cannot do without the channels that are left out of tensors {', '.join(map(str, ends))}"
        raise NotReducibleError(node.label, text)
    return replace(
        node,
        op=op,
        input_shapes=tuple(_fewer(shape, x) for shape, x in zip(node.input_shapes, inputs, strict=True)),
        output_shapes=tuple(_fewer(shape, x) for shape, x in zip(node.output_shapes, outputs, strict=True)),
    )


def _seen(graph: Graph, node: Node, tensor: int, shape: tuple[int, ...], gone: Mapping[int, Gone]) -> Gone:
    count = last_axis(graph.tensors[tensor].shape)
    found = positions(gone.get(tensor, {}), count, last_axis(shape))
    if found is None:
        raise NotReducibleError(node.label, f"sees tensor {tensor}, of {count} channels, as {shape}: none can leave")
    return found


def _tensor(tensor: Tensor, gone: Gone) -> Tensor:
    if not gone:
        return tensor
    data = None if tensor.data is None else np.delete(tensor.data.reshape(tensor.shape), sorted(gone), axis=-1)
    return replace(tensor, shape=fewer(tensor.shape, gone), data=data)


def _fewer(shape: tuple[int, ...], gone: Iterable[int]) -> tuple[int, ...]:
    return fewer(shape, gone) if shape else shape
