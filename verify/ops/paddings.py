"""How PAD and PADV2 are read: counts per axis and the value that the new positions hold."""

from dataclasses import dataclass

from verify.graph.tensor import DType
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.operand_checks import (
    constant_integers,
    per_tensor,
    require_dtype,
    require_same_dtype,
    require_shape,
    unsupported,
)
from verify.ops.rows import Shape, check_shape


@dataclass(frozen=True)
class Paddings:
    """Shape and element type of the operand, positions before and after along each axis, and their stored value."""

    shape: Shape
    dtype: DType
    before: tuple[int, ...]
    after: tuple[int, ...]
    value: int


def read_paddings(source: OperatorSource) -> Paddings:
    """What an operator of this kind adds.

    Raises:
      UnsupportedError: paddings or value are computed, or operand, result and value do not go together.
    """
    expected = 2 if source.kind == "PAD" else 3
    if len(source.inputs) != expected:
        raise UnsupportedError(f"{source.kind} with {len(source.inputs)} operands is not supported; it has {expected}")
    tensor, output, counts = source.inputs[0], source.outputs[0], source.inputs[1]
    if tensor is None or counts is None:
        raise UnsupportedError(f"{source.kind} without its paddings is not supported")
    for end in (tensor, output):
        require_dtype(source.kind, end, DType.INT8, DType.INT16)
    require_same_dtype(source.kind, tensor, output)
    ends = per_tensor(source.kind, tensor), per_tensor(source.kind, output)
    if ends[0] != ends[1]:
        raise UnsupportedError(
            f"{source.kind} with (scale, zero point) {ends[0]} in and {ends[1]} out is not supported; they must be "
            "equal"
        )
    check_shape(source.kind, tensor.shape)
    values = constant_integers(source.kind, "paddings", counts)
    if len(values) != 2 * len(tensor.shape) or min(values, default=0) < 0:
        raise UnsupportedError(f"paddings {list(values)} must be two counts >= 0 for each axis of {tensor.shape}")
    before, after = values[0::2], values[1::2]
    padded = tuple(b + extent + a for b, extent, a in zip(before, tensor.shape, after, strict=True))
    require_shape(source.kind, output, padded)
    value = ends[1][1] if source.kind == "PAD" else pad_value(source, tensor.dtype)
    if tensor.dtype is DType.INT16 and value not in (0, -1):
        raise unsupported(f"{source.kind} on int16 with this value", "both its bytes must be the same", value)
    return Paddings(tensor.shape, tensor.dtype, before, after, value)


def pad_value(source: OperatorSource, dtype: DType) -> int:
    """The constant of PADV2, a scalar."""
    tensor = source.inputs[2]
    if tensor is None or tensor.data is None or tensor.data.size != 1:
        raise UnsupportedError("PADV2 with a padding value that is no constant scalar is not supported")
    require_dtype(source.kind, tensor, dtype)
    return int(tensor.data.reshape(-1)[0])
