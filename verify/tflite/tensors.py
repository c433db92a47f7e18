"""From a tensor as found to one that may be relied on: shape, element type, quantization and contents checked."""

import math

import numpy as np

from verify.graph.tensor import DType, Quantization, Tensor, row_count
from verify.ops.geometry import MOST_POSITIONS
from verify.tflite.errors import ModelError
from verify.tflite.schema import RawQuantization, RawTensor

MAX_RANK = 8
MAX_BYTES = 256 * 2**20
"""Of one tensor; far beyond any microcontroller, and small enough that nothing here runs out of memory."""

ACTIVATION_SCALES = (1e-30, 1e30)
"""Lowest and highest; beyond them a clipping bound such as 6 / scale leaves the range of float32."""

_DTYPES = {dtype.name: dtype for dtype in DType}

_ZERO_POINTS = {
    DType.INT8: (-128, 127),
    DType.UINT8: (0, 255),
    DType.INT16: (-(2**15), 2**15 - 1),
    DType.INT32: (-(2**31), 2**31 - 1),
}
"""Range of the zero point by quantized element type; the others carry no quantization that anybody reads."""

_PACKED = "INT4"
"""Two constants in a byte, the first in the lower half. They are read as int8, which is how they are computed with."""


def read_tensor(raw: RawTensor) -> Tensor:
    """Checks a tensor and its constant contents.

    Raises:
      ModelError: naming the tensor, if shape, element type, quantization or contents break a rule.
    """
    if raw.dtype == _PACKED and raw.contents is None:
        raise ModelError(f"{raw.label} has element type {_PACKED}; that is known for constants, such as weights, only")
    if raw.dtype != _PACKED and raw.dtype not in _DTYPES:
        raise ModelError(f"{raw.label} has element type {raw.dtype}; known are {', '.join(_DTYPES)}")
    if raw.sparse:
        raise ModelError(f"{raw.label} is stored sparsely; convert the model without sparse weights")
    if raw.external:
        raise ModelError(f"{raw.label} is stored outside the flatbuffer; convert the model to one file below 2 GiB")
    dtype = DType.INT8 if raw.dtype == _PACKED else _DTYPES[raw.dtype]
    _check_shape(raw, dtype)
    data = None if raw.contents is None else _contents(raw, dtype, raw.contents)
    quantization = None
    if raw.quantization is not None and dtype in _ZERO_POINTS:
        quantization = _quantization(raw, dtype, raw.quantization)
    return Tensor(raw.index, raw.name, raw.shape, dtype, quantization, data)


def check_activation(raw: RawTensor, tensor: Tensor) -> None:
    """Checks what holds for activations only: integers know their scale, and there is one per tensor.

    Raises:
      ModelError: naming the tensor.
    """
    if tensor.dtype not in (DType.INT8, DType.UINT8, DType.INT16):
        return
    if tensor.quantization is None:
        raise ModelError(f"{raw.label} has element type {raw.dtype} and no quantization; an activation needs a scale")
    if tensor.quantization.per_channel:
        raise ModelError(f"{raw.label} has {len(tensor.quantization.scale)} scales; an activation has one")


def check_sides(label: str, shape: tuple[int, ...]) -> None:
    """Checks that what an operator reads or computes has no more rows, or columns of an image, than are planned.

    Raises:
      ModelError: naming the tensor.
    """
    sides = {"rows": row_count(shape)} | ({"columns": shape[2]} if len(shape) == 4 else {})
    for unit, count in sides.items():
        if count > MOST_POSITIONS:
            raise ModelError(f"{label} has {count} {unit} in shape {list(shape)}; at most {MOST_POSITIONS} are planned")


def check_static(raw: RawTensor) -> bool:
    """Checks that a network input has a fixed shape; all other shapes follow from the inputs' and are checked by ops.

    A leading dimension left open is taken for a batch when the file records 1 for it; says whether that is so.

    Raises:
      ModelError: naming the tensor.
    """
    free = [axis for axis, extent in enumerate(raw.signature) if extent < 0]
    if free and (free != [0] or raw.shape[:1] != (1,)):
        found = list(raw.signature[:MAX_RANK])
        raise ModelError(f"{raw.label} has a dynamic shape {found}; convert the model with fixed input shapes")
    return bool(free)


def _check_shape(raw: RawTensor, dtype: DType) -> None:
    shape = list(raw.shape[: MAX_RANK + 1])
    if len(raw.shape) > MAX_RANK:
        raise ModelError(f"{raw.label} has rank {len(raw.shape)}; at most {MAX_RANK} is read")
    if any(extent < 1 for extent in shape):
        raise ModelError(f"{raw.label} has shape {shape}; every dimension must be fixed and at least 1")
    if math.prod(shape) * dtype.size_bytes > MAX_BYTES:
        raise ModelError(f"{raw.label} has shape {shape}, more than {MAX_BYTES // 2**20} MiB; larger ones are not read")


def _contents(raw: RawTensor, dtype: DType, contents: np.ndarray) -> np.ndarray:
    packed, count = raw.dtype == _PACKED, math.prod(raw.shape)
    expected = (count + 1) // 2 if packed else count * dtype.size_bytes
    if contents.nbytes != expected:
        found = f"{contents.nbytes} bytes of contents"
        raise ModelError(f"{raw.label} has {found}; its shape {list(raw.shape)} needs {expected}")
    if packed:
        return _unpacked(contents, count).reshape(raw.shape)
    # The file is little-endian, and nothing aligns a view of it: only other-endian hosts copy here.
    return contents.view(dtype.numpy.newbyteorder("<")).astype(dtype.numpy, copy=False).reshape(raw.shape)


def _unpacked(contents: np.ndarray, count: int) -> np.ndarray:
    """int8 values from -8 to 7; a half byte that is left over is not read.

    Reference: `UnpackDenseInt4IntoInt8` in tensorflow/lite/kernels/internal/portable_tensor_utils.cc.
    """
    # Shifted up and down again as int8, so that the sign is extended.
    halves = np.stack([contents << 4, contents], -1).reshape(-1).view(np.int8)
    return (halves >> 4)[:count]


def _quantization(raw: RawTensor, dtype: DType, found: RawQuantization) -> Quantization:
    scales, zero_points = found.scale, found.zero_point
    if len(zero_points) != len(scales):
        counts = f"{len(scales)} scales and {len(zero_points)} zero points"
        raise ModelError(f"{raw.label} has {counts}; each scale needs one")
    # Weights may have negative scales: a batch normalization's negative factor, folded into them, leaves such.
    wrong = [scale for scale in scales if not math.isfinite(scale) or scale == 0]
    if wrong:
        raise ModelError(f"{raw.label} has scale {wrong[0]:g}; scales must be finite and not zero")
    low, high = ACTIVATION_SCALES
    if raw.contents is None and not all(low <= scale <= high for scale in scales):
        raise ModelError(f"{raw.label} has scale {min(scales):g}; an activation's must be from {low:g} to {high:g}")
    low, high = _ZERO_POINTS[dtype]
    if not all(low <= zero_point <= high for zero_point in zero_points):
        raise ModelError(f"{raw.label} has zero points outside of {raw.dtype}, [{low}, {high}]")
    return Quantization(scales, zero_points, _axis(raw, found))


def _axis(raw: RawTensor, found: RawQuantization) -> int:
    """The axis along which scales vary; 0 where there is no choice.

    Converters leave the weights' axis on vectors too (biases); TFLM reads those without complaint.
    """
    if len(found.scale) == 1 or len(raw.shape) <= 1:
        axis = 0
    elif 0 <= found.axis < len(raw.shape):
        axis = found.axis
    else:
        raise ModelError(f"{raw.label} is quantized along axis {found.axis}; its rank is {len(raw.shape)}")
    if len(found.scale) > 1 and raw.shape[axis : axis + 1] != (len(found.scale),):
        scales = f"{len(found.scale)} scales along axis {axis}"
        raise ModelError(f"{raw.label} has {scales} of its shape {list(raw.shape)}; they must agree")
    return axis
