"""Data movement as copies of boxes: what TRANSPOSE, slices, splits and joins have in common.

A `Move` says where each element of a box of the result comes from: one step along each of the result's five axes
(verify.ops.rows) is a fixed step in the operand. Kernels read the moves; references do not, they slice arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from verify.graph.tensor import DType, row_count
from verify.ops.arithmetic import Stored
from verify.ops.base import Defaults, MovesOnly, OperatorSource, PadsNothing
from verify.ops.operand_checks import STORED_RANGE, per_tensor, require_dtype, require_same_dtype, unsupported
from verify.ops.rows import MAX_RANK, Shape, place_of_axis, row_step

MOVABLE = (DType.INT8, DType.UINT8, DType.INT16, DType.INT32, DType.INT64, DType.FLOAT32, DType.BOOL)


@dataclass(frozen=True)
class Move:
    """Result element `begin + i` is operand element `origin + i * steps`, for all 0 <= i < extent.

    Args:
      source, target: which operand and which result.
      begin: the box's first element in the result, five axes.
      extent: the box's size, five axes.
      row, element: where its first element lies in the operand (row, and element within the row).
      row_steps, element_steps: what one step along each of the result's axes adds to them.
    """

    source: int
    target: int
    begin: Shape
    extent: Shape
    row: int
    element: int
    row_steps: Shape
    element_steps: Shape


@dataclass(frozen=True)
class Route:
    """Where a result's axis runs in the operand: along `axis` (None: not at all) in steps of `stride`."""

    axis: int | None
    stride: int = 1


def box_move(
    shapes: tuple[Shape, Shape],
    routes: Sequence[Route],
    source: int = 0,
    target: int = 0,
    begin: Shape | None = None,
    extent: Shape | None = None,
    origin: Shape | None = None,
) -> Move:
    """A move from shapes as the model has them.

    Args:
      shapes: of the operand and of the result.
      routes: one per axis of the result.
      begin, extent: box in the result; all of it where None.
      origin: element of the operand that the box starts with; the first where None.
    """
    operand, result = shapes
    begins, extents = [0] * MAX_RANK, [1] * MAX_RANK
    row_steps, element_steps = [0] * MAX_RANK, [0] * MAX_RANK
    for axis, route in enumerate(routes):
        place = place_of_axis(len(result), axis)
        begins[place] = begin[axis] if begin else 0
        extents[place] = (extent or result)[axis]
        if route.axis is not None and extents[place] > 1:
            rows, elements = row_step(operand, route.axis)
            row_steps[place], element_steps[place] = rows * route.stride, elements * route.stride
    steps = [row_step(operand, axis) for axis in range(len(operand))]
    row = sum(position * rows for position, (rows, _) in zip(origin or (), steps, strict=False))
    element = sum(position * elements for position, (_, elements) in zip(origin or (), steps, strict=False))
    return Move(source, target, tuple(begins), tuple(extents), row, element, tuple(row_steps), tuple(element_steps))


@dataclass(frozen=True)
class Movement(MovesOnly, PadsNothing, Defaults):
    """An operator that only moves elements. Implementations give `moves`.

    Args:
      inputs, outputs: shapes of operands and results.
      dtype: element type of all of them.
    """

    inputs: tuple[Shape, ...]
    outputs: tuple[Shape, ...]
    dtype: DType

    @property
    def moves(self) -> tuple[Move, ...]:
        """Boxes that together cover every result exactly once."""
        raise NotImplementedError

    @property
    def views(self) -> tuple[Shape, ...]:
        """The shapes under which the moves see the results; rows are the same ones."""
        return self.outputs

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """As `Op` says, of elements of any type."""
        raise NotImplementedError

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return min(low for low, _ in operands), max(high for _, high in operands)

    @property
    def row_wise(self) -> bool:
        return True

    def rearranged(self, operands: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        found = self.reference(operands, range(row_count(self.outputs[0])))
        return tuple(array.reshape(shape) for array, shape in zip(found, self.outputs, strict=True))


def check_movable(source: OperatorSource, operands: tuple[int, ...]) -> DType:
    """Element type of an operator that moves the operands at these positions.

    Raises:
      UnsupportedError: if element types or quantizations differ (bytes are moved, not rescaled).
    """
    tensors = [source.inputs[position] for position in operands]
    moved = [tensor for tensor in (*tensors, *source.outputs) if tensor is not None]
    for tensor in moved:
        require_dtype(source.kind, tensor, *MOVABLE)
    require_same_dtype(source.kind, *moved)
    if moved[0].dtype in STORED_RANGE:
        scales = [per_tensor(source.kind, tensor) for tensor in moved]
        if len(set(scales)) > 1:
            rule = "all scales and zero points must be equal, as TFLM assumes"
            raise unsupported(f"{source.kind} with rescaling", rule, ", ".join(map(str, scales)))
    return moved[0].dtype
