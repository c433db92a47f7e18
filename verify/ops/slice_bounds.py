"""Which positions of an axis SLICE and STRIDED_SLICE take, from constant bounds.

Source: tensorflow/lite/kernels/internal/strided_slice_logic.h (StridedSliceStartForAxis, StridedSliceEndForAxis).
"""

from verify.graph.tensor import Tensor
from verify.ops.operand_checks import constant_integers, unsupported


def bounds_of(kind: str, what: str, tensor: Tensor, operand: Tensor) -> tuple[int, ...]:
    """A constant with one integer per axis of the operand.

    Raises:
      UnsupportedError: if it is not constant or has another length.
    """
    values = constant_integers(kind, what, tensor)
    if len(values) != len(operand.shape):
        raise unsupported(f"{kind} with this {what}", f"it must have {len(operand.shape)} entries", values)
    return values


def positions(axis: int, extent: int, begin: int | None, end: int | None, stride: int) -> range:
    """Positions that one axis of a STRIDED_SLICE takes; None leaves that side open. Bounds count as Python's do.

    Raises:
      UnsupportedError: if there are none, or the stride is 0.
    """
    if stride == 0:
        raise unsupported("STRIDED_SLICE with stride 0", "strides must not be zero", f"axis {axis}")
    taken = range(*slice(begin, end, stride).indices(extent))
    if not taken:
        rule = f"at least one of the {extent} positions of axis {axis} must be taken"
        raise unsupported("STRIDED_SLICE without elements", rule, f"[{begin}:{end}:{stride}]")
    return taken


def one_position(axis: int, extent: int, begin: int | None, stride: int) -> range:
    """The single position of an axis that the result does not have."""
    first = (0 if begin is None else begin) + (extent if begin is not None and begin < 0 else 0)
    if not 0 <= first < extent or stride != 1:
        rule = f"the position must be within axis {axis} of {extent}, the stride 1"
        raise unsupported("STRIDED_SLICE shrinking an axis this way", rule, f"position {begin}, stride {stride}")
    return range(first, first + 1)
