"""How an operator of a clip model computes its positions in time, as operators of the program of one frame.

In this order: as it is, where its operands are tensors of one frame each; one position after the other (`Op.frame`,
`Op.part`); by a window over rows that are frames (`Op.window`, `Op.alone`), which walks a ring of frames where it reads
each of them once (`Op.tall`), and copies of the rows where it also reads padding; over all frames of a clip at once
(`Op.over_frames`); and else as it is, on copies of all that it reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verify.clip.elements import Marks, Seen, of_values, values_of
from verify.clip.gather import Gathering
from verify.clip.refuse import stands_against
from verify.clip.stream import Operand, Shape, Stream
from verify.graph.graph import Node
from verify.graph.tensor import Axis, row_count
from verify.ops.base import Op, filled
from verify.ops.rows import part_of


@dataclass(frozen=True)
class Positions:
    """`op` does for each of `count` positions in time what `node` does for all; shapes are those of one position."""

    node: Node
    op: Op
    count: int
    inputs: Sequence[Shape]
    outputs: Sequence[Shape]


class Computing:
    """`by_copies`: tensors over whose frames no window may walk."""

    def __init__(self, stream: Stream, by_copies: frozenset[int]):
        self.stream, self.by_copies = stream, by_copies
        self.gathering = Gathering(stream)
        self.marks: Marks = stream.marks

    def results(self, node: Node, marks: Sequence[np.ndarray | None]) -> list[np.ndarray]:
        """Marks of the results, of those of the operands (None: a constant)."""
        if all(m is None or self.marks.whole(m) is not None for m in marks):
            return self._node(node, node.op, marks, node.input_shapes, node.output_shapes)
        for way in (self._framewise, self._by_parts, self._by_windows, self._over_frames):
            if (found := way(node, marks)) is not None:
                return found
        return self._node(node, node.op, marks, node.input_shapes, node.output_shapes)

    def operand(self, node: Node, marks: np.ndarray, shape: Shape) -> Operand:
        """What `node` reads: a tensor, or copies.

        Raises:
          NotAClipError: copies along one axis do not give it.
        """
        operand = self.gathering.operand(node, marks, shape)
        if operand is None:
            raise stands_against(node, "it reads frames in an order that copies along one axis do not give")
        return operand

    def positions(self, each: Positions, marks: Sequence[np.ndarray | None]) -> list[np.ndarray] | None:
        """One position after the other; None where the operands of one are no parts of tensors along one axis."""
        found: list[list[np.ndarray]] = [[np.empty(0)] * each.count for _ in each.outputs]
        parts = [None if m is None else m.reshape(each.count, -1) for m in marks]
        for t in from_the_middle(each.count):
            here = [None if part is None else part[t] for part in parts]
            results = self._node(each.node, each.op, here, each.inputs, each.outputs)
            for result, values in zip(found, results, strict=True):
                result[t] = values.reshape(-1)
        return [np.stack(result) for result in found]

    def _node(
        self, node: Node, op: Op, marks: Sequence[np.ndarray | None], inputs: Sequence[Shape], outputs: Sequence[Shape]
    ) -> list[np.ndarray]:
        """The results of one operator of the program; of values that the model fixes come values."""
        values = [None if m is None else values_of(m) for m in marks]
        fixed = [value.reshape(shape) for value, shape in zip(values, inputs, strict=True) if value is not None]
        if len(fixed) == len(values):
            return [of_values(array) for array in op.reference(fixed, range(row_count(outputs[0])))]
        operands = []
        for tensor, m, value, shape in zip(node.inputs, marks, values, inputs, strict=True):
            if m is None:
                operands.append(Operand(tensor, (), shape))
            elif value is not None:  # of this position alone the operand is padding
                operands.append(self.stream.constant(value.reshape(shape), self.stream.clip.tensors[tensor]))
            else:
                operands.append(self.operand(node, m, shape))
        return [self.marks.of(seen) for seen in self.stream.node(node, op, operands, outputs)]

    def _framewise(self, node: Node, marks: Sequence[np.ndarray | None]) -> list[np.ndarray] | None:
        """Time is the leading axis, and a batch to the operator."""
        count, one = node.output_shapes[0][0], node.op.frame() if len(node.output_shapes[0]) > 1 else None
        shapes = [*node.output_shapes, *(s for s, m in zip(node.input_shapes, marks, strict=True) if m is not None)]
        if one is None or count < 2 or any(shape[0] != count for shape in shapes):
            return None
        rank = len(node.output_shapes[0])
        constants = [s for s, m in zip(node.input_shapes, marks, strict=True) if m is None]
        if any(len(shape) == rank and shape[0] > 1 for shape in constants):
            return None  # each position has a constant of its own
        inputs = [s if m is None else (1, *s[1:]) for s, m in zip(node.input_shapes, marks, strict=True)]
        return self.positions(Positions(node, one, count, inputs, [(1, *s[1:]) for s in node.output_shapes]), marks)

    def _by_parts(self, node: Node, marks: Sequence[np.ndarray | None]) -> list[np.ndarray] | None:
        """Time is another axis, and what is there at a time is computed by itself."""
        first = next((extent for extent in node.output_shapes[0] if extent > 1), 1)
        one = node.op.part(first) if first > 1 else None
        ends = [[part_of(shape, first) for shape in shapes] for shapes in (node.input_shapes, node.output_shapes)]
        inputs, outputs = ([shape for shape in shapes if shape is not None] for shapes in ends)
        if one is None or len(inputs) + len(outputs) < len(node.inputs) + len(node.outputs):
            return None
        if not all(m is not None and self._falls_into(m, first) for m in marks):
            return None
        return self.positions(Positions(node, one, first, inputs, outputs), marks)

    def _falls_into(self, marks: np.ndarray, count: int) -> bool:
        """Whether each part is a tensor, or padding."""
        return all((part < 0).all() or self.marks.whole(part) is not None for part in marks.reshape(count, -1))

    def _by_windows(self, node: Node, marks: Sequence[np.ndarray | None]) -> list[np.ndarray] | None:
        """Rows of an image are frames; where it has one row only, its columns."""
        (view, *more), (result, *_), op, shown = node.input_shapes, node.output_shapes, node.op, marks[0]
        if more or len(node.outputs) > 1 or len(view) != 4 or view[0] != 1 or len(result) != 4 or shown is None:
            return None
        if view[1] == 1:
            turned = op.turned()
            if turned is None:
                return None
            op, view, result = turned, (1, view[2], 1, view[3]), (1, result[2], result[1], result[3])
        window, alone = op.window(0, Axis.HEIGHT), op.alone()
        if window is None or alone is None or window.upsample > 1 or not self._falls_into(shown, view[1]):
            return None
        lines = list(shown.reshape(view[1], -1))
        padding = op.padding
        if padding is not None and padding.value == op.padding_zero:
            value = np.full_like(lines[0], filled(padding.value))
            lines = [*[value] * window.pad_before, *lines, *[value] * window.reach]
        elif window.pad_before or (result[1] - 1) * window.stride + window.reach > view[1]:
            return None  # such a window leaves out what is padded
        found: list[np.ndarray] = [np.empty(0)] * result[1]
        for y in from_the_middle(result[1]):
            rows = np.concatenate(lines[y * window.stride : y * window.stride + window.reach])
            found[y] = self._over(node, alone, rows, window.reach, (view[2:], result[2:]))
        return [np.stack(found)]

    def _over_frames(self, node: Node, marks: Sequence[np.ndarray | None]) -> list[np.ndarray] | None:
        """All frames of a clip are read at once."""
        shown = marks[0]
        if len(marks) > 1 or len(node.outputs) > 1 or shown is None or shown.flat[0] < 0:
            return None
        count, rest = divmod(shown.size, self.marks.sizes[self.marks.source(int(shown.flat[0])).tensor])
        over = node.op.over_frames(count) if count > 1 and not rest else None
        if over is None or self._ring(shown, count) is None:
            return None
        shapes = over.input_shape[2:], over.output_shape[2:]
        return [self._over(node, over.op, shown.reshape(-1), count, shapes)]

    def _over(self, node: Node, op: Op, marks: np.ndarray, count: int, shapes: tuple[Shape, Shape]) -> np.ndarray:
        """The one row that a window over `count` rows makes; of a ring, from any slot on."""
        ring, tall = self._ring(marks, count), op.tall(2 * count - 1)
        if ring is None or tall is None:
            return self._node(node, op, [marks], [(1, count, *shapes[0])], [(1, 1, *shapes[1])])[0].reshape(-1)
        operand = Operand(ring[0].tensor, tuple(seen.delay for seen in ring), (1, 2 * count - 1, *shapes[0]))
        (seen,) = self.stream.node(node, tall, [operand], [(1, 1, *shapes[1])])
        return self.marks.of(seen)

    def _ring(self, marks: np.ndarray, count: int) -> list[Seen] | None:
        """Successive frames of one tensor over which a window may walk."""
        seen = self.marks.wholes(marks, count)
        if seen is None or count < 2 or seen[0].tensor in self.by_copies:
            return None
        first = seen[0]
        return seen if seen == [Seen(first.tensor, first.delay - k) for k in range(count)] else None


def from_the_middle(count: int) -> list[int]:
    """Positions in the order in which they are made: what is computed in the usual way goes by the model's own name."""
    return [count // 2, *(t for t in range(count) if t != count // 2)]
