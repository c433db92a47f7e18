"""Tensors as rows (verify.graph.tensor) and as five axes, three leading ones whose product is the row count, then width
and channels. Ranks above five are not covered.
"""

import math
from collections.abc import Sequence

import numpy as np

from verify.graph.tensor import row_count
from verify.ops.base import UnsupportedError

MAX_RANK = 5

Shape = tuple[int, ...]


def row_shape(shape: Shape) -> Shape:
    """Shape of one row: everything of a vector, the last axis of a matrix, else the last two axes."""
    if len(shape) < 2:
        return shape
    return shape[1:] if len(shape) == 2 else shape[-2:]


def as_rows(array: np.ndarray, rows: range) -> np.ndarray:
    """Rows `rows` of an array, shape [len(rows), ...row shape]."""
    return array.reshape(row_count(array.shape), *row_shape(array.shape))[rows.start : rows.stop]


def check_shape(kind: str, shape: Shape) -> None:
    """Refuses what has no elements or more axes than kernels count.

    Raises:
      UnsupportedError: for a rank above five or an extent below 1.
    """
    if len(shape) > MAX_RANK or min(shape, default=1) < 1:
        rule = f"shapes have at most {MAX_RANK} axes and every extent is at least 1"
        raise UnsupportedError(f"{kind} of this shape is not supported; {rule}; found {shape}")


def five_axes(shape: Shape) -> Shape:
    """The shape with ones added such that the first three extents count rows and the last two span a row."""
    if len(shape) < 2:
        return (1, 1, 1, 1, *(shape or (1,)))
    if len(shape) == 2:
        return (1, 1, shape[0], 1, shape[1])
    return (1,) * (MAX_RANK - len(shape)) + shape


def place_of_axis(rank: int, axis: int) -> int:
    """Where `axis` of a tensor of this rank stands among `five_axes`."""
    if rank == 2:
        return (2, 4)[axis]
    return MAX_RANK - rank + axis


def row_step(shape: Shape, axis: int) -> tuple[int, int]:
    """How far one step along `axis` leads in memory: (rows, elements within the row)."""
    return divmod(math.prod(shape[axis + 1 :]), math.prod(row_shape(shape)))


def part_of(shape: Shape, count: int) -> Shape | None:
    """The shape of one position of the first axis that has more than one, if it has `count`."""
    first = next((axis for axis, extent in enumerate(shape[:-1]) if extent > 1), None)
    if first is None or shape[first] != count:
        return None
    return (*shape[:first], 1, *shape[first + 1 :])


def reordered(shape: Shape, axes: Sequence[int | None]) -> Shape | None:
    """The shape whose axis i is the axis `axes[i]` of this one, 1 for None; None if that is not each axis once."""
    if sorted(axis for axis in axes if axis is not None) != list(range(len(shape))):
        return None
    return tuple(1 if axis is None else shape[axis] for axis in axes)


def all_reordered(shapes: Sequence[Shape], axes: Sequence[int | None]) -> tuple[Shape, ...] | None:
    """All of these shapes so (`reordered`); None if one of them has other axes."""
    found = [reordered(shape, axes) for shape in shapes]
    return None if None in found else tuple(shape for shape in found if shape is not None)


def exchanged(shapes: Sequence[Shape], axes: Sequence[int | None]) -> tuple[Shape, ...] | None:
    """All of these images' shapes with height and width exchanged, if that is what `axes` says (`Op.reordered`)."""
    return all_reordered(shapes, axes) if tuple(axes) == (0, 2, 1, 3) else None


def keeps_bytes(shape: Shape, axes: Sequence[int | None]) -> bool:
    """Whether a tensor of this shape, its axes in that order, has its bytes where they were: the long axes stay so."""
    long = [axis for axis in axes if axis is not None and shape[axis] > 1]
    return long == sorted(long)
