"""Operators that multiply each vector of their input by a matrix: which vectors a row needs, and where they lie."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from verify.graph.tensor import Axis
from verify.graph.window import POINTWISE, Window
from verify.ops.base import OperatorSource, Reordered, UnsupportedError
from verify.ops.operand_checks import require_shape
from verify.ops.rows import Shape, check_shape, keeps_bytes, part_of, reordered, row_shape


@dataclass(frozen=True, eq=False)
class Vectors:
    """Each vector of the input gives one of the output; `weights` is [out_depth, in_depth]."""

    input_shape: Shape
    output_shape: Shape
    weights: np.ndarray

    def frame(self) -> Self | None:
        """Where each position of the leading axis holds vectors of its own."""
        ends = self.input_shape, self.output_shape
        if any(len(shape) < 2 for shape in ends) or ends[0][0] != ends[1][0]:
            return None
        return replace(self, input_shape=(1, *ends[0][1:]), output_shape=(1, *ends[1][1:]))

    def part(self, count: int) -> Self | None:
        """Where each position of the first axis that has more than one holds vectors of its own."""
        ends = part_of(self.input_shape, count), part_of(self.output_shape, count)
        if ends[0] is None or ends[1] is None:
            return None
        return replace(self, input_shape=ends[0], output_shape=ends[1])

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """Where axes of extent 1 alone move: its vectors are bytes that follow each other."""
        shape = reordered(self.input_shape, axes)
        ends = [end for end in (self.input_shape, self.output_shape) if len(end) == len(self.input_shape)]
        result = reordered(self.output_shape, axes) if len(ends) == 2 else self.output_shape
        if shape is None or result is None or not all(keeps_bytes(end, axes) for end in ends):
            return None
        return Reordered(replace(self, input_shape=shape, output_shape=result), (shape,), (result,))

    def taking(self, elements: np.ndarray) -> Self | None:
        """Where the input is one vector: the columns of the matrix, in the other order."""
        if len(elements) != self.weights.shape[1]:
            return None
        weights = np.empty_like(self.weights)
        weights[:, elements] = self.weights
        return replace(self, weights=weights)

    def window(self, position: int, axis: Axis) -> Window | None:
        """Where each input row holds the vectors of exactly one output row."""
        return POINTWISE if axis is Axis.HEIGHT and self.vectors_keep_rows else None

    @property
    def vectors_keep_rows(self) -> bool:
        """Whether each input row holds the vectors of exactly one output row."""
        vectors_per_row = math.prod(row_shape(self.output_shape)) // len(self.weights)
        return math.prod(row_shape(self.input_shape)) == vectors_per_row * self.weights.shape[1]

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def macs(self) -> int:
        return math.prod(self.output_shape) * self.weights.shape[1]


def check_vectors(source: OperatorSource, shape: Shape, weights: Shape) -> None:
    """Raises UnsupportedError unless the input of this shape and the matrix give the shape that the file records."""
    check_shape(source.kind, shape)
    output, (out_depth, in_depth) = source.outputs[0], weights
    if source.options.get("weights_format", "DEFAULT") not in ("DEFAULT", 0):
        raise UnsupportedError("shuffled weights are not supported; weights_format must be DEFAULT")
    if math.prod(shape) % in_depth:
        raise UnsupportedError(f"input {shape} does not split into vectors of {in_depth} elements")
    if source.options.get("keep_num_dims", False):
        if shape[-1] != in_depth:
            raise UnsupportedError(f"input {shape} must end in {in_depth} to keep its dimensions")
        require_shape(source.kind, output, (*shape[:-1], out_depth))
    elif output.shape[-1:] != (out_depth,) or math.prod(output.shape) * in_depth != math.prod(shape) * out_depth:
        raise UnsupportedError(f"input {shape} and weights {weights} do not give {output.shape}")
