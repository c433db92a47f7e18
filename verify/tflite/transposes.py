"""Transposes that cancel: what stands between two of them computes in the layout before the first one.

PyTorch's layout, converted operator by operator, has one in front of each convolution and one behind it. Where the
operators in between say what they are with their axes in another order (`Op.reordered`), no element need be moved.
"""

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace

from verify.graph.graph import Node

Order = tuple[int, ...]


def without_cancelling_transposes(nodes: Sequence[Node], outputs: Set[int]) -> list[Node]:
    """The nodes without each transpose that undoes an earlier one.

    The earlier one stays, for others may read it; what nobody reads is for `without_unused` to leave out.
    """
    found = dict(enumerate(nodes))
    producers = {tensor: place for place, node in found.items() for tensor in node.outputs}
    readers = Counter(tensor for node in nodes for tensor in node.inputs)
    same: dict[int, int] = {}
    for place, later in enumerate(nodes):
        node = found[place] = replace(later, inputs=tuple(same.get(tensor, tensor) for tensor in later.inputs))
        order = node.op.axes_order
        if order is None:
            continue
        between, tensor, view = list[int](), node.inputs[0], node.input_shapes[0]
        while (maker := found.get(producers.get(tensor, -1))) is not None and maker.output_shapes == (view,):
            alone = readers[tensor] == 1 and tensor not in outputs and len(maker.inputs) == 1
            if maker.op.axes_order is not None or not alone:
                break
            between.append(producers[tensor])
            tensor, view = maker.inputs[0], maker.input_shapes[0]
        if maker is None or maker.output_shapes != (view,) or not _undoes(order, maker.op.axes_order):
            continue
        moved = _reordered([found[p] for p in reversed(between)], order, maker, node)
        if moved is None or (not moved and node.outputs[0] in outputs):
            continue
        if not moved:
            same[node.outputs[0]] = maker.inputs[0]
        found |= zip(reversed(between), moved, strict=True)
        producers |= {tensor: p for p in between for tensor in found[p].outputs}
        readers[maker.inputs[0]] += max(1, readers[node.outputs[0]])
        del found[place]
    return list(found.values())


def _undoes(later: Order, earlier: Order | None) -> bool:
    return earlier is not None and [earlier[axis] for axis in later] == list(range(len(later)))


def _reordered(nodes: Sequence[Node], order: Order, first: Node, last: Node) -> list[Node] | None:
    """A chain of nodes that reads what `first` reads, and writes what `last` writes; None where one cannot be so."""
    chain = list[Node]()
    tensor, view = first.inputs[0], first.input_shapes[0]
    for node in nodes:
        other = node.op.reordered(order)
        if other is None or other.input_shapes != (view,):
            return None
        ends = {"input_shapes": other.input_shapes, "output_shapes": other.output_shapes}
        chain.append(replace(node, op=other.op, inputs=(tensor,), **ends))
        tensor, view = node.outputs[0], other.output_shapes[0]
    if view != last.output_shapes[0]:
        return None
    return [*chain[:-1], *(replace(node, name=last.name, outputs=last.outputs) for node in chain[-1:])]
