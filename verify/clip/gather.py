"""What an operator is to read, where that is not one tensor of the frame's program: put side by side by copies.

Of a tensor only those positions of one axis are kept that are needed: they are cut out in the frame in which the tensor
is made, and the frames after it keep the cut.
"""

import math
from collections.abc import Iterator

import numpy as np

from verify.clip.elements import ELEMENT_BITS, values_of
from verify.clip.stream import Operand, Shape, Stream
from verify.graph.graph import Node
from verify.graph.tensor import Tensor
from verify.ops.concatenation import Concatenation
from verify.ops.strided_slice import Slice


class Gathering:
    """Puts together elements that lie side by side along one axis, of several tensors or frames."""

    def __init__(self, stream: Stream):
        self.stream, self.marks = stream, stream.marks

    def operand(self, at: Node, marks: np.ndarray, shape: Shape) -> Operand | None:
        """An operand of `shape` with these elements; None where no axis cuts them into parts of tensors."""
        if (seen := self.marks.whole(marks)) is not None:
            return Operand(seen.tensor, (seen.delay,), shape)
        if not (marks >= 0).any():
            return None
        marks = marks.reshape(shape)
        like = self.stream.tensors[self.marks.source(int(marks[marks >= 0][0])).tensor]
        for axis in self._axes(shape):
            pieces = list(self._pieces(at, marks, axis, like))
            found = [piece for piece in pieces if piece is not None]
            if len(found) == len(pieces):
                return self._joined(at, found, shape, axis)
        return None

    @staticmethod
    def _axes(shape: Shape) -> list[int]:
        """Channels first, along which copies stream by rows; axes of one position cut nothing."""
        return [axis for axis in reversed(range(len(shape))) if shape[axis] > 1] or [len(shape) - 1]

    def _joined(self, at: Node, pieces: list[Operand], shape: Shape, axis: int) -> Operand:
        if len(pieces) == 1:
            return pieces[0]
        dtype = next(self.stream.tensors[piece.tensor].dtype for piece in pieces if piece.delays)
        op = Concatenation(tuple(piece.shape for piece in pieces), (shape,), dtype, axis)
        seen = self.stream.movement(at, op, pieces, shape)
        return Operand(seen.tensor, (seen.delay,), shape)

    def _pieces(self, at: Node, marks: np.ndarray, axis: int, like: Tensor) -> Iterator[Operand | None]:
        """The longest runs of positions along an axis that are parts of one tensor, in order; None for what is not."""
        lines = np.moveaxis(marks, axis, 0)
        first = 0
        while first < len(lines):
            end = first + 1
            while end < len(lines) and _follows(lines[end - 1], lines[end]):
                end += 1
            run = np.moveaxis(lines[first:end], 0, axis)
            whole = self._part(at, run, axis, like)
            while whole is None and end - first > 1 and (run >= 0).all():  # two frames of one tensor follow each other
                end -= 1
                run = np.moveaxis(lines[first:end], 0, axis)
                whole = self._part(at, run, axis, like)
            yield whole
            if whole is None:
                return
            first = end

    def _part(self, at: Node, marks: np.ndarray, axis: int, like: Tensor) -> Operand | None:
        """A tensor, a cut of one along `axis`, or a constant."""
        shape = marks.shape
        if (values := values_of(marks)) is not None:
            return self.stream.constant(values, like)
        if (seen := self.marks.whole(marks)) is not None:
            return Operand(seen.tensor, (seen.delay,), shape)
        return self._cut(at, marks, axis)

    def _cut(self, at: Node, marks: np.ndarray, axis: int) -> Operand | None:
        numbers = marks >> ELEMENT_BITS
        if (marks < 0).any() or (numbers != numbers.flat[0]).any():
            return None
        seen = self.marks.source(int(marks.flat[0]))
        others = marks.size // marks.shape[axis]
        extent, rest = divmod(self.marks.sizes[seen.tensor], others)
        if rest:
            return None
        view = (*marks.shape[:axis], extent, *marks.shape[axis + 1 :])
        element = int(marks.flat[0] & ((1 << ELEMENT_BITS) - 1))
        first = element // math.prod(marks.shape[axis + 1 :]) % extent
        if first + marks.shape[axis] > extent:
            return None
        taken = np.take(self.marks.of(seen).reshape(view), range(first, first + marks.shape[axis]), axis=axis)
        if (taken != marks).any():
            return None
        begin = tuple(first if k == axis else 0 for k in range(len(view)))
        dtype = self.stream.tensors[seen.tensor].dtype
        op = Slice((view,), (marks.shape,), dtype, begin, (1,) * len(view), frozenset())
        cut = self.stream.movement(at, op, [Operand(seen.tensor, (seen.delay,), view)], marks.shape)
        return Operand(cut.tensor, (cut.delay,), marks.shape)


def _follows(line: np.ndarray, after: np.ndarray) -> bool:
    """Whether two neighbouring positions may belong to one piece: values both, or elements of one tensor and frame."""
    if (line < 0).all() or (after < 0).all():
        return bool((line < 0).all() and (after < 0).all())
    return bool(((line >> ELEMENT_BITS) == (after >> ELEMENT_BITS)).all())
