"""L2_NORMALIZATION on int8 along the last axis: each vector divided by its length, in steps of 1/128.

Sources: tensorflow/lite/micro/kernels/l2norm.cc; tensorflow/lite/kernels/internal/reference/integer_ops/
l2normalization.h; tensorflow/lite/kernels/internal/common.h (GetInvSqrtQuantizedMultiplierExp).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops import fixed_point
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.base import OperatorSource
from verify.ops.elementwise import INT8_MAX, INT8_MIN, Pointwise, Scale, unary_int8
from verify.ops.operand_checks import activation_option, unsupported
from verify.ops.requantize import INT32_MAX, requantize
from verify.ops.rows import as_rows

OUTPUT = Scale(1 / 128, 0)
OUTPUT_BITS = 7


@dataclass(frozen=True)
class L2Normalization(Pointwise):
    """x / sqrt(sum(x^2)); of a vector of zeros, zeros.

    Args:
      zero_point: of the operand.
    """

    zero_point: int
    kind: ClassVar[str] = "L2_NORMALIZATION"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        shape, scale, output = unary_int8(source)
        if output != OUTPUT:
            raise unsupported("L2_NORMALIZATION to this quantization", f"it must be {OUTPUT}", output)
        if not shape or len(shape) > 4:
            raise unsupported("L2_NORMALIZATION of this rank", "there must be one to four axes", shape)
        if activation_option(source) != "NONE":
            rule = "TFLM has it without"
            raise unsupported("L2_NORMALIZATION with a fused activation", rule, activation_option(source))
        return cls(shape, scale.zero_point)

    @property
    def channel_wise(self) -> bool:
        return False  # the sum is over the channels

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return INT8_MIN, INT8_MAX

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """The root's steps saturate, and their difference is of numbers below 2^30 whatever they hold."""
        low, high = (x - self.zero_point for x in operands[0])
        squares = self.shape[-1] * max(low**2, high**2)
        # Only roots of small sums are shifted to the left.
        shifted = [fixed_point.inverse_root(x)[0] for x in range(1, 65)]
        return (
            intermediate("sum of squares", 0, squares),
            intermediate("inverse root", min(shifted), max(shifted), (0, INT32_MAX)),
            intermediate("difference after its left shift", low * 2**OUTPUT_BITS, high * 2**OUTPUT_BITS),
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        x = as_rows(inputs[0], rows).astype(np.int64) - self.zero_point
        vectors = x.reshape(-1, self.shape[-1])
        result = np.empty(vectors.shape, np.int64)
        for place, vector in enumerate(vectors):
            factor, shift = fixed_point.inverse_root(max(1, int((vector**2).sum())))
            result[place] = requantize(vector, factor, shift + OUTPUT_BITS)
        return (np.clip(result, INT8_MIN, INT8_MAX).astype(np.int8).reshape(x.shape),)
