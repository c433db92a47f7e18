"""What SVDF makes of a call's vectors, the first of the two operators that it is, and what it reads from the file.

Source: tensorflow/lite/micro/kernels/svdf_common.cc (EvalIntegerSvdfReference, PrepareSvdf).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from verify.graph.tensor import Axis, DType, Tensor
from verify.graph.window import POINTWISE, Window
from verify.ops.arithmetic import Intermediate, Stored, rescaled, stored_range, sums_of_products
from verify.ops.base import Defaults, OperatorSource, PadsNothing
from verify.ops.operand_checks import require_dtype, require_shape, unsupported
from verify.ops.requantize import requantize


@dataclass(frozen=True, eq=False)
class Filters(PadsNothing, Defaults):
    """Products of vectors with weights, rescaled: `[vectors, depth]` to `[vectors, filters]`.

    Args:
      vectors: how many there are.
      weights: int8 [filters, depth].
      zero_point: of the vectors; that of the results is 0.
      scale: multiplier and shift.
      dtype: of the results.
    """

    vectors: int
    weights: np.ndarray
    zero_point: int
    scale: tuple[int, int]
    dtype: DType

    @property
    def kind(self) -> str:
        return "SVDF"

    def window(self, position: int, axis: Axis) -> Window | None:
        return POINTWISE if axis is Axis.HEIGHT else None

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def macs(self) -> int:
        return self.vectors * self.weights.size

    @property
    def constants(self) -> Mapping[str, np.ndarray]:
        return {"weights": self.weights}

    def stored(self, operands: Sequence[Stored]) -> Stored:
        """The rescaled sum of products rises or falls throughout."""
        low, high = sums_of_products(self.weights, self.zero_point, operands[0])
        ends = self._rescaled(np.array([low.min(), high.max()]))
        return int(ends.min()), int(ends.max())

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        ends = sums_of_products(self.weights, self.zero_point, operands[0])
        return rescaled("sum of products", *ends, *self.scale, 0)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        vectors = inputs[0].reshape(self.vectors, -1)[rows.start : rows.stop].astype(np.int64) - self.zero_point
        return (self._rescaled(vectors @ self.weights.T.astype(np.int64)),)

    def _rescaled(self, sums: np.ndarray) -> np.ndarray:
        found = requantize(sums, *self.scale)
        return np.clip(found, *stored_range(self.dtype)).astype(self.dtype.numpy)


def read_ends(source: OperatorSource) -> tuple[Tensor, Tensor, Tensor, Tensor | None, Tensor, Tensor]:
    """Vectors, weights of filters and of calls, bias, state and results, of types that TFLM takes.

    Raises:
      UnsupportedError: they are not.
    """
    if len(source.inputs) != 5 or len(source.outputs) != 1:
        raise unsupported("SVDF of this form", "it has five operands and one result", len(source.inputs))
    x, features, times, bias, state = source.inputs
    (y,) = source.outputs
    if x is None or features is None or times is None or state is None:
        raise unsupported("SVDF without all its operands", "the bias alone is optional", "an absent one")
    for tensor, dtypes in ((x, (DType.INT8,)), (features, (DType.INT8,)), (y, (DType.INT8,))):
        require_dtype("SVDF", tensor, *dtypes)
    for tensor in (times, state):
        require_dtype("SVDF", tensor, DType.INT8, DType.INT16)
    if times.dtype is not state.dtype:
        raise unsupported("SVDF with such a state", "state and weights of calls have one type", state.dtype.value)
    for what, tensor in (("weights of filters", features), ("weights of calls", times), ("bias", bias)):
        if tensor is not None and tensor.data is None:
            raise unsupported(f"SVDF with computed {what}", "they must be constant", f'activation "{tensor.name}"')
        if tensor is not None and len(tensor.shape) != (1 if what == "bias" else 2):
            raise unsupported(f"SVDF with such {what}", "of rank 2, the bias of rank 1", tensor.shape)
    if bias is not None:
        require_dtype("SVDF", bias, DType.INT32)
        require_shape("SVDF", bias, (y.shape[-1],))
    for what, tensor in (("weights", features), ("weights", times), ("a state", state)):
        if zero_point_of(tensor):  # of a state, TFLM adds it behind the clamp or before, as its version has it
            raise unsupported(f"SVDF with such {what}", "the zero point must be 0", zero_point_of(tensor))
    return x, features, times, bias, state, y


def scale_of(tensor: Tensor) -> float:
    quantization = tensor.quantization
    if quantization is None or len(quantization.scale) != 1 or not math.isfinite(quantization.scale[0]):
        raise unsupported("SVDF with this quantization", f'"{tensor.name}" must have one scale', quantization)
    return quantization.scale[0]


def zero_point_of(tensor: Tensor) -> int:
    scale_of(tensor)
    assert tensor.quantization is not None
    return tensor.quantization.zero_point[0]
