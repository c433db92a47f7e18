"""What operators that treat every element alike have in common: their windows, and lookup tables for the unary ones."""

import functools
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from verify.graph.tensor import Axis, DType, is_image
from verify.graph.window import POINTWISE, Window
from verify.ops.arithmetic import Intermediate, Stored, intermediate, stored_range
from verify.ops.base import CountsNoMacs, Defaults, OperatorSource, PadsNothing, Reordered
from verify.ops.channels import Channels, Gone, Leaving, fewer, nothing, together
from verify.ops.operand_checks import operands_of, per_tensor, require_dtype, require_shape
from verify.ops.rows import Shape, as_rows, part_of, reordered

INT8_MIN, INT8_MAX = -128, 127


@dataclass(frozen=True)
class Scale:
    """Quantization of one tensor: real = scale * (stored - zero_point); `scale` is a float32 value."""

    scale: float
    zero_point: int


@dataclass(frozen=True)
class Pointwise(CountsNoMacs, PadsNothing, Defaults):
    """One operand, one result, both of shape `shape`; element i needs element i."""

    shape: Shape

    def window(self, position: int, axis: Axis) -> Window | None:
        return POINTWISE if is_image(self.shape) and axis is not Axis.TIME else None

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def channel_wise(self) -> bool:
        return True

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        return together(operands, results) if self.channel_wise else nothing(operands)

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        if not self.channel_wise or operands[0].keys() != results:
            return None
        return replace(self, shape=fewer(self.shape, results))

    def frame(self) -> Self | None:
        return replace(self, shape=(1, *self.shape[1:])) if len(self.shape) > 1 else None

    def part(self, count: int) -> Self | None:
        """Along the first axis that has more than one position."""
        shape = part_of(self.shape, count)
        return None if shape is None else replace(self, shape=shape)

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """Where the last axis stays, along which an operator may compute."""
        shape = reordered(self.shape, axes)
        if shape is None or axes[-1] != len(self.shape) - 1:
            return None
        return Reordered(replace(self, shape=shape), (shape,), (shape,))


@dataclass(frozen=True)
class Lookup(Pointwise):
    """A function of one stored 8-bit value. Implementations give `apply`; the kernel reads the table made from it."""

    input: Scale
    output: Scale

    def seen_as(self, shape: Shape) -> Self:
        return replace(self, shape=shape)

    @property
    def tile_wise(self) -> bool:
        return is_image(self.shape)

    @property
    def input_dtype(self) -> DType:
        return DType.INT8

    @property
    def output_dtype(self) -> DType:
        return DType.INT8

    def apply(self, x: np.ndarray) -> np.ndarray:
        """Stored results, int64, of stored inputs, int64."""
        raise NotImplementedError

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return int(self.table.min()), int(self.table.max())

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels | None:
        """The entries between lowest and highest stored input."""
        order = np.argsort(self.values)
        first, table = int(self.values.min()), self.table[order].astype(np.int64)
        ends = zip(operands[0].low - first, operands[0].high - first, strict=True)
        found = [table[low : high + 1] for low, high in ends]
        return Channels(np.array([x.min() for x in found]), np.array([x.max() for x in found]))

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """The kernel computes nothing; what it looks up must be what `apply` gave, not what was left of it."""
        values = self.apply(self.values)
        return (intermediate("entry of its table", values.min(), values.max(), stored_range(self.output_dtype)),)

    @property
    def values(self) -> np.ndarray:
        """The 256 stored inputs in the order of their bytes (0 .. 127, -128 .. -1 for int8), int64."""
        return np.arange(256, dtype=np.uint8).view(self.input_dtype.numpy).astype(np.int64)

    @functools.cached_property
    def table(self) -> np.ndarray:
        """The result for each of `values`."""
        return self.apply(self.values).astype(self.output_dtype.numpy)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        return (self.table[as_rows(inputs[0], rows).view(np.uint8)],)


def unary_int8(source: OperatorSource) -> tuple[Shape, Scale, Scale]:
    """Shape and quantization of an operator with one int8 operand and one int8 result of its shape.

    Raises:
      UnsupportedError: if it is anything else.
    """
    (x,), (y,) = operands_of(source, 1), source.outputs
    for tensor in (x, y):
        require_dtype(source.kind, tensor, DType.INT8)
    require_shape(source.kind, y, x.shape)
    return x.shape, Scale(*per_tensor(source.kind, x)), Scale(*per_tensor(source.kind, y))
