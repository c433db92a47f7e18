"""Transposes that cancel: what stands between two of them computes in the layout before the first one.

PyTorch's layout, converted operator by operator, has one in front of each convolution and one behind it, and shortcuts
are added in between. Where operators say what they are with their axes in another order (`Op.reordered`), or with the
elements of their operand in another order (`Op.taking`), no element need be moved.
"""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace

import numpy as np

from verify.graph.graph import Node
from verify.ops.rows import Shape, keeps_bytes, reordered

Order = tuple[int, ...]


@dataclass(frozen=True)
class Moved:
    """A tensor whose axis i is axis `order[i]` of tensor `source`, which has that `shape`.

    `by`: the operator that makes it: the transpose, or one that is to compute `source` in its place, which is called
    ~tensor then: both have the same storage key in the end.
    """

    source: int
    shape: Shape
    order: Order
    by: int

    @property
    def result(self) -> Shape:
        return tuple(self.shape[axis] for axis in self.order)


def without_cancelling_transposes(nodes: Sequence[Node], outputs: Set[int]) -> list[Node]:
    """The nodes without each transpose that undoes earlier ones, or whose readers take its operand as it is.

    An operator computes in the other layout where all that read it can, or where a transpose of its result puts that
    back; else it stays as it is. Transposes that nobody reads are for `without_unused` to leave out.
    """
    stays: set[int] = set()
    while True:
        walk = _Walk(outputs, stays, [node for node in nodes if node.op.axes_order is not None])
        for place, node in enumerate(nodes):
            walk.add(place, node)
        for tensor in sorted(outputs & walk.moved.keys()):
            walk.needed(tensor)
        walk.unmovable |= {walk.moved[~tensor].by for tensor in walk.back if tensor not in walk.names}
        if not walk.unmovable - stays:
            return walk.renamed()
        stays |= walk.unmovable


@dataclass
class _Walk:
    """Once through the nodes, those in `stays` as they are; `unmovable` collects others that have to stay, too."""

    outputs: Set[int]
    stays: Set[int]
    transposes: Sequence[Node]
    kept: list[Node] = field(default_factory=list)
    moved: dict[int, Moved] = field(default_factory=dict)
    same: dict[int, int] = field(default_factory=dict)
    names: dict[int, Node] = field(
        default_factory=dict
    )  # transposes that are gone, and whose results others are called
    back: set[int] = field(default_factory=set)  # what transposes put back into the layout of the file
    unmovable: set[int] = field(default_factory=set)

    def add(self, place: int, node: Node) -> None:
        node = replace(node, inputs=tuple(self.same.get(tensor, tensor) for tensor in node.inputs))
        order = node.op.axes_order
        moved = [self.moved.get(tensor) for tensor in node.inputs]
        if order is not None and node.input_shapes[0] == (moved[0].result if moved[0] else node.input_shapes[0]):
            if moved[0] and [moved[0].order[axis] for axis in order] == list(range(len(order))):
                if self.undone(node, moved[0].source):
                    return
            elif moved[0] is None:
                self.moved[node.outputs[0]] = Moved(node.inputs[0], node.input_shapes[0], order, place)
        elif any(moved) and place not in self.stays:
            other = self.in_source_layout(place, node, moved)
            if other is not None:
                self.kept.append(other)
                return
        for tensor in node.inputs:
            self.needed(tensor)
        self.kept.append(node)

    def undone(self, node: Node, source: int) -> bool:
        """Whether the transpose can go: its result is `source`. A result of the network gives the name to both."""
        made = any(source in other.outputs for other in self.kept)
        if node.outputs[0] in self.outputs:
            named = source in self.names and self.names[source].outputs[0] in self.outputs
            if max(source, ~source) in self.outputs or named or not made:
                return False
            self.names[source] = node
        elif source < 0:
            self.names.setdefault(source, node)
        self.same[node.outputs[0]] = source
        return True

    def in_source_layout(self, place: int, node: Node, moved: Sequence[Moved | None]) -> Node | None:
        """The node reading the operands of transposes in place of their results."""
        first = next(found for found in moved if found is not None)
        if len(node.inputs) == 1 and node.input_shapes[0] != first.result:
            return self.taking(node, first)
        other = node.op.reordered(_inverse(first.order))
        if other is None or len(other.input_shapes) != len(node.inputs):
            return None
        inputs = list[int]()
        for tensor, found, shape, view in zip(node.inputs, moved, node.input_shapes, other.input_shapes, strict=True):
            source = self.source_of(tensor, found, first.order, shape, view)
            if source is None:
                return None
            inputs.append(source)
        ends = {"input_shapes": other.input_shapes, "output_shapes": other.output_shapes}
        for tensor, before, shape in zip(node.outputs, node.output_shapes, other.output_shapes, strict=True):
            if len(before) == len(first.order) and not (before == shape and keeps_bytes(shape, first.order)):
                self.moved[tensor] = Moved(~tensor, shape, first.order, place)
        made = tuple(~tensor if tensor in self.moved else tensor for tensor in node.outputs)
        return replace(node, op=other.op, inputs=tuple(inputs), outputs=made, **ends)

    def source_of(self, tensor: int, found: Moved | None, order: Order, shape: Shape, view: Shape) -> int | None:
        """What holds the operand in the layout before `order`."""
        if found is not None:
            return found.source if (found.order, found.result, found.shape) == (order, shape, view) else None
        for made, other in self.moved.items():  # there may be a transpose of it for another reader
            if other.source == tensor and other.order == _inverse(order) and other.result == view:
                return made
        return tensor if reordered(shape, _inverse(order)) == view and keeps_bytes(shape, _inverse(order)) else None

    def taking(self, node: Node, found: Moved) -> Node | None:
        elements = np.arange(math.prod(found.shape)).reshape(found.shape).transpose(found.order).reshape(-1)
        op = node.op.taking(elements)
        return None if op is None else replace(node, op=op, inputs=(found.source,))

    def needed(self, tensor: int) -> None:
        """A tensor is read as the file has it: a transpose puts it back, or what would make another of it stays."""
        found = self.moved.get(tensor)
        if found is None or found.source != ~tensor or found.source in self.back:
            return
        for node in self.transposes:
            ends = node.op.axes_order, node.input_shapes, node.output_shapes
            if ends == (found.order, (found.shape,), (found.result,)):
                self.kept.append(replace(node, inputs=(found.source,), outputs=(tensor,)))
                self.back.add(found.source)
                return
        self.unmovable.add(found.by)

    def renamed(self) -> list[Node]:
        """The nodes, where results of the network are written in place of what transposes made them of."""
        done = list[Node]()
        for node in self.kept:
            last = self.names.get(node.outputs[0], node)
            inputs, outputs = (tuple(map(self.key, end)) for end in (node.inputs, node.outputs))
            done.append(replace(node, name=last.name, inputs=inputs, outputs=outputs))
        return done

    def key(self, tensor: int) -> int:
        return self.names[tensor].outputs[0] if tensor in self.names else max(tensor, ~tensor)


def _inverse(order: Order) -> Order:
    return tuple(order.index(axis) for axis in range(len(order)))
