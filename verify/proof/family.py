"""The networks of all heights and widths that share a model's windows: what a theorem for all sizes is about.

Kernels, strides, dilations and paddings are numbers, as the model file has them once it is read (SAME has become so
many positions on each side). Then the positions of a result follow from those of an operand, per axis:

    out = floor((upsample * in + before + after - reach) / stride) + 1

and so do, from the input's height H and width W, all others. An operand that an operator reads in full (a mean, a
dense layer, a pool as large as the image) says nothing about the result, whose size is then the model's own. SAME means
the same positions of padding for all H that leave the same remainder modulo the strides' product; `Form` holds for
those.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from verify.graph.graph import Graph, Node
from verify.graph.tensor import Axis, is_image
from verify.graph.window import Window
from verify.ops.streaming import edge_window, extent, written_rows

AXES = (Axis.HEIGHT, Axis.WIDTH)

Key = tuple[int, Axis]
"""A tensor and an axis along which it has a size."""


@dataclass(frozen=True)
class Relation:
    """How the positions of `result` follow from those of `operand` along an axis; `after` is padding at the end."""

    node: Node
    operand: int
    result: int
    axis: Axis
    window: Window
    after: int

    @property
    def constant(self) -> int:
        return self.window.pad_before + self.after - self.window.reach

    def of(self, positions: int) -> int:
        return (self.window.upsample * positions + self.constant) // self.window.stride + 1


@dataclass(frozen=True)
class Form:
    """A size as slope * X + constant, X being the input's height or width, for X = `residue` modulo `modulus`."""

    slope: Fraction
    constant: Fraction
    modulus: int
    residue: int

    def at(self, x: int) -> int:
        value = self.slope * x + self.constant
        assert value.denominator == 1, "a form is used within its residue class"
        return int(value)

    def text(self, name: str) -> str:
        """Like "H", "H/2", "(3*W + 5)/4", "7"."""
        common = math.lcm(self.slope.denominator, self.constant.denominator)
        slope, constant = int(self.slope * common), int(self.constant * common)
        if not slope:
            return str(constant // common)
        front = name if slope == 1 else f"{slope}*{name}"
        whole = f"{front} {'+' if constant > 0 else '-'} {abs(constant)}" if constant else front
        if common == 1:
            return f"({whole})" if constant else whole
        return f"({whole})/{common}" if constant else f"{whole}/{common}"


class Family:
    """The sizes of a model's tensors as functions of its largest input's.

    `alone` has the operators that run by themselves: of those, a window as large as the operand stays so.
    """

    def __init__(self, graph: Graph, alone: frozenset[int] = frozenset()):
        self.graph, self.alone = graph, alone
        self.main = max(graph.inputs, key=lambda tensor: graph.tensors[tensor].size_bytes, default=-1)
        self.relations = list(self._find())
        self.of_result: dict[Key, list[Relation]] = {}
        for relation in self.relations:
            self.of_result.setdefault((relation.result, relation.axis), []).append(relation)
        self.forms = {axis: self._forms(axis) for axis in AXES}

    def actual(self, tensor: int, axis: Axis) -> int:
        """The model's own size: rows as written, or columns (1 where the tensor is no image)."""
        producer = self.graph.producers.get(tensor)
        if axis is Axis.HEIGHT:
            return written_rows(self.graph, tensor, producer)
        shape = self.graph.tensors[tensor].shape
        if producer is not None:
            shape = producer.output_shapes[producer.outputs.index(tensor)]
        return shape[-2] if is_image(shape) else 1

    def size(self, axis: Axis) -> int:
        """The model's own H or W."""
        return self.actual(self.main, axis)

    def follows_input(self, tensor: int, axis: Axis) -> bool:
        """Whether a tensor's size is a function of H or W, rather than a number of the model."""
        return self.forms[axis][tensor].slope != 0

    def sizes_at(self, axis: Axis, x: int, nodes: int) -> dict[int, int] | None:
        """Sizes of all tensors up to the first `nodes` nodes for an input of `x`, or None where shapes disagree."""
        found = {tensor: self._input(tensor, axis, x) for tensor in self.graph.inputs}
        for node in self.graph.nodes[:nodes]:
            for tensor in node.outputs:
                relations = self.of_result.get((tensor, axis), [])
                sizes = {r.of(found[r.operand]) for r in relations} or {self.actual(tensor, axis)}
                if len(sizes) > 1 or min(sizes) < 1:
                    return None
                found[tensor] = sizes.pop()
        return found

    def representative(self, tensor: int, axis: Axis) -> int:
        """Results of one operator that have the same size stand for each other."""
        node = self.graph.producers.get(tensor)
        if node is None or self.actual(tensor, axis) != self.actual(node.outputs[0], axis):
            return tensor
        return node.outputs[0]

    def shares_size(self, tensor: int, axis: Axis) -> bool:
        """Whether a network input has the size of the largest one, and grows with it."""
        shape = self.graph.tensors[tensor].shape
        return is_image(shape) and self.actual(tensor, axis) == self.size(axis)

    def window(self, node: Node, position: int, axis: Axis) -> Window | None:
        """What an operator reads along an axis (verify.ops.streaming.edge_window), at all sizes; None: everything."""
        operand = node.inputs[position]
        window = edge_window(self.graph, node, position, self.graph.producers.get(operand), axis)
        if window is None or node.index not in self.alone or extent(node, axis) > 1:
            return window
        positions = self.actual(operand, axis)
        covers = window.reach >= positions > 1 and window.start(0) == 0 and window.dilation == 1
        return None if covers else window

    def _input(self, tensor: int, axis: Axis, x: int) -> int:
        return x if self.shares_size(tensor, axis) else self.actual(tensor, axis)

    def _find(self) -> Iterator[Relation]:
        known = set(self.graph.producers) | set(self.graph.inputs)
        for node in self.graph.nodes:
            for axis in AXES:
                for position, operand in enumerate(node.inputs):
                    if operand in known and not node.slides_over_frames and node.op.row_wise:
                        yield from self._relations(node, position, operand, axis)

    def _relations(self, node: Node, position: int, operand: int, axis: Axis) -> Iterator[Relation]:
        window = self.window(node, position, axis)
        if window is None or (window.upsample > 1 and window.reach > 1):
            return
        if axis is Axis.WIDTH and not all(is_image(shape) for shape in node.output_shapes):
            return
        positions = self.actual(operand, axis)
        for result in node.outputs:
            if self.actual(result, axis) == extent(node, axis):
                yield Relation(node, operand, result, axis, window, _after(node, window, axis, positions))

    def _forms(self, axis: Axis) -> dict[int, Form]:
        """Per tensor; exact, because within the class every division leaves the same remainder."""
        size = self.size(axis)
        found = {
            tensor: Form(Fraction(1), Fraction(0), 1, 0)
            if self.shares_size(tensor, axis)
            else Form(Fraction(0), Fraction(self.actual(tensor, axis)), 1, 0)
            for tensor in self.graph.inputs
        }
        for node in self.graph.nodes:
            for tensor in node.outputs:
                relations = self.of_result.get((tensor, axis))
                if not relations:
                    found[tensor] = Form(Fraction(0), Fraction(self.actual(tensor, axis)), 1, 0)
                    continue
                forms = [self._through(found[r.operand], r, size) for r in relations]
                modulus = math.lcm(*(form.modulus for form in forms))
                found[tensor] = Form(forms[0].slope, forms[0].constant, modulus, size % modulus)
        return found

    def _through(self, form: Form, relation: Relation, size: int) -> Form:
        window = relation.window
        slope, constant = form.slope * window.upsample, form.constant * window.upsample + relation.constant
        rest = int(slope * size + constant) % window.stride
        # The operand, p/q * X + ..., keeps its remainder modulo the stride where X keeps its own modulo q * stride.
        modulus = math.lcm(form.modulus, form.slope.denominator * window.stride) if form.slope else form.modulus
        return Form(slope / window.stride, (constant - rest) / window.stride + 1, modulus, size % modulus)


def _after(node: Node, window: Window, axis: Axis, positions: int) -> int:
    """Padding behind the last position: what the operator says, or what fits exactly (less than 0: cut off)."""
    padding = node.op.padding or node.op.as_padding()
    stated = 0
    if padding is not None:
        stated = padding.bottom if axis is Axis.HEIGHT else padding.right
    total = window.upsample * positions + window.pad_before - window.reach
    out = extent(node, axis)
    if (total + stated) // window.stride + 1 == out:
        return stated
    return (out - 1) * window.stride - total
