"""Checks that operators share when they are built from a file. A refusal says what, by which rule, what was found."""

import math

from verify.graph.tensor import DType, Tensor
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.requantize import quantize_multiplier
from verify.ops.rows import check_shape

STORED_RANGE = {DType.INT8: (-128, 127), DType.UINT8: (0, 255)}

WIDE_RANGE = {DType.INT16: (-(2**15), 2**15 - 1), DType.INT32: (-(2**31), 2**31 - 1)}


def unsupported(what: str, rule: str, found: object) -> UnsupportedError:
    return UnsupportedError(f"{what} is not supported; {rule}; found {found}")


def operands_of(source: OperatorSource, inputs: int | None, outputs: int | None = 1) -> tuple[Tensor, ...]:
    """All operands, none of them absent, after checking the counts (None: at least one).

    Raises:
      UnsupportedError: if a count differs, an operand is absent, or a shape is out of range.
    """
    for name, tensors, count in (("operands", source.inputs, inputs), ("results", source.outputs, outputs)):
        if len(tensors) != count if count is not None else not tensors:
            rule = f"it has {count if count is not None else 'at least one'}"
            raise unsupported(f"{source.kind} with this number of {name}", rule, len(tensors))
    present = tuple(tensor for tensor in source.inputs if tensor is not None)
    if len(present) != len(source.inputs):
        raise unsupported(f"{source.kind} without all its operands", "none is optional", "an absent one")
    for tensor in (*present, *source.outputs):
        check_shape(source.kind, tensor.shape)
    return present


def require_dtype(kind: str, tensor: Tensor, *allowed: DType) -> None:
    """Raises UnsupportedError unless the tensor's element type is one of `allowed`."""
    if tensor.dtype not in allowed:
        rule = f"elements must be {' or '.join(dtype.value for dtype in allowed)}"
        raise unsupported(f"{kind} on {tensor.dtype.value}", rule, f'{tensor.dtype.value} in "{tensor.name}"')


def require_same_dtype(kind: str, *tensors: Tensor) -> None:
    """Raises UnsupportedError unless all tensors have one element type."""
    if len({tensor.dtype for tensor in tensors}) > 1:
        found = ", ".join(tensor.dtype.value for tensor in tensors)
        raise unsupported(f"{kind} between element types", "operands and results must have the same", found)


def require_shape(kind: str, tensor: Tensor, expected: tuple[int, ...]) -> None:
    """Raises UnsupportedError unless the file records the shape that the operator really produces."""
    if tensor.shape != expected:
        rule = f'"{tensor.name}" must be {expected} by the operands\' shapes'
        raise unsupported(f"{kind} with this result shape", rule, tensor.shape)


def per_tensor(kind: str, tensor: Tensor) -> tuple[float, int]:
    """Scale and zero point of a tensor with one of each.

    Raises:
      UnsupportedError: if they are absent, per channel, or out of range.
    """
    quantization = tensor.quantization
    if quantization is None or quantization.per_channel or not quantization.scale or not quantization.zero_point:
        found = "none" if quantization is None else f"{len(quantization.scale)} scales"
        raise unsupported(f"{kind} with this quantization", f'"{tensor.name}" must have one scale', found)
    scale, zero_point = quantization.scale[0], quantization.zero_point[0]
    if not (math.isfinite(scale) and scale > 0):
        raise unsupported(f"{kind} with this scale", f'that of "{tensor.name}" must be finite and positive', scale)
    low, high = (STORED_RANGE | WIDE_RANGE)[tensor.dtype]
    if not low <= zero_point <= high:
        rule = f'that of "{tensor.name}" must be in [{low}, {high}]'
        raise unsupported(f"{kind} with this zero point", rule, zero_point)
    return scale, zero_point


def constant_integers(kind: str, what: str, tensor: Tensor) -> tuple[int, ...]:
    """Contents of an integer operand that the model fixes.

    Raises:
      UnsupportedError: if the operand is computed at run time or not an integer.
    """
    if tensor.data is None:
        raise unsupported(f"{kind} with computed {what}", f"{what} must be constant", f'activation "{tensor.name}"')
    require_dtype(f"{kind} ({what})", tensor, DType.INT32, DType.INT64)
    return tuple(int(value) for value in tensor.data.reshape(-1))


def positive_axis(kind: str, axis: int, rank: int) -> int:
    """`axis` counted from the front.

    Raises:
      UnsupportedError: if a tensor of this rank has no such axis.
    """
    if not -rank <= axis < rank:
        raise unsupported(f"{kind} along this axis", f"it must be in [{-rank}, {rank})", axis)
    return axis % rank


def integer_option(source: OperatorSource, name: str, default: int = 0) -> int:
    value = source.options.get(name, default)
    assert isinstance(value, int), f"{name} is an integer in the schema"
    return value


def number_option(source: OperatorSource, name: str, default: float) -> float:
    value = source.options.get(name, default)
    assert isinstance(value, (int, float)), f"{name} is a number in the schema"
    return float(value)


def activation_option(source: OperatorSource) -> str:
    return str(source.options.get("fused_activation_function", "NONE"))


def multiplier(kind: str, real: float) -> tuple[int, int]:
    """`real` as (multiplier, shift) for `requantize`.

    Raises:
      UnsupportedError: if the quotient of scales that it is leaves the range of shifts.
    """
    try:
        return quantize_multiplier(real)
    except ValueError as error:
        raise unsupported(f"{kind} between these scales", "their quotient must fit 30 bits", error) from error


def axis_of(source: OperatorSource, shape: tuple[int, ...], values: tuple[int, ...], rank: int) -> int:
    """The axis in an operand of one integer, counted from the front.

    Raises:
      UnsupportedError: if it holds another number of integers, or none of the axes.
    """
    if len(values) != 1:
        raise unsupported(f"{source.kind} along several axes", "the axis must be one integer", f"shape {shape}")
    return positive_axis(source.kind, values[0], rank)
