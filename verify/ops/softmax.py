"""SOFTMAX on int8 along the last axis, in 32-bit fixed point, to int8 or int16.

The exponential of each difference to the row's maximum comes from a table of 256 entries; differences so far below that
TFLM skips them have entry 0, which contributes nothing and gives the lowest result, as skipping does.

Sources: tensorflow/lite/kernels/internal/reference/softmax.h (Softmax), tensorflow/lite/kernels/internal/
quantization_util.cc (PreprocessSoftmaxScaling).
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import DType
from verify.ops import fixed_point
from verify.ops.arithmetic import Intermediate, Stored, intermediate, stored_range
from verify.ops.base import OperatorSource
from verify.ops.elementwise import Pointwise, Scale
from verify.ops.operand_checks import number_option, operands_of, per_tensor, require_dtype, require_shape, unsupported
from verify.ops.requantize import INT32_MAX, doubling_high_mul, quantize_multiplier, rounding_shift_right
from verify.ops.rows import as_rows

DIFFERENCE_BITS = 5  # integer bits of differences
SUM_BITS = 12  # integer bits of the sum of exponentials
MAX_CLASSES = 2**SUM_BITS - 1
MIN_STEP, MAX_STEP = 2.0**-26, 16.0  # beyond these, the shift of a difference leaves [0, 30]
OUTPUTS = {DType.INT8: Scale(2**-8, -(2**7)), DType.INT16: Scale(2**-16, -(2**15))}
"""The quantization of results of each type."""

NEAR = {DType.INT8: 0.0, DType.INT16: 0.001}
"""How far a scale may be off, of itself; TFLM computes with the one above all the same."""


@dataclass(frozen=True)
class Softmax(Pointwise):
    """exp(beta * x) / sum(exp(beta * x)); `beta` is a float32 value."""

    scale: float
    beta: float
    target: DType = DType.INT8
    kind: ClassVar[str] = "SOFTMAX"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        (x,), (y,) = operands_of(source, 1), source.outputs
        require_dtype(source.kind, x, DType.INT8)
        require_dtype(source.kind, y, *OUTPUTS)
        require_shape(source.kind, y, x.shape)
        shape, scale, output = x.shape, Scale(*per_tensor(source.kind, x)), Scale(*per_tensor(source.kind, y))
        wanted = OUTPUTS[y.dtype]
        off = abs(output.scale - wanted.scale) > NEAR[y.dtype] * wanted.scale
        if off or output.zero_point != wanted.zero_point:
            raise unsupported("SOFTMAX to this quantization", f"it must be {wanted}", output)
        if not shape or shape[-1] > MAX_CLASSES:
            rule = f"it must have 1 to {MAX_CLASSES} elements, or their sum overflows"
            raise unsupported("SOFTMAX along an axis of this length", rule, shape)
        beta = number_option(source, "beta", 0.0)
        if not MIN_STEP < beta * scale.scale < MAX_STEP:
            rule = f"beta * scale must be above 2^-26 and below {MAX_STEP:g}"
            raise unsupported("SOFTMAX with this beta and scale", rule, f"{beta} * {scale.scale}")
        return cls(shape, scale.scale, beta, y.dtype)

    @property
    def channel_wise(self) -> bool:
        return False  # the sum is over the channels

    @functools.cached_property
    def table(self) -> np.ndarray:
        """exp(-d * beta * scale), Q0, int32, for differences d = 0 .. 255."""
        factor, shift = quantize_multiplier(self.beta * self.scale * 2 ** (31 - DIFFERENCE_BITS))
        differences = np.arange(256, dtype=np.int64)
        significant = differences <= fixed_point.input_radius(DIFFERENCE_BITS, shift)
        scaled = doubling_high_mul(np.where(significant, -differences, 0) << shift, factor)
        exponentials = fixed_point.exp_on_negative_values(scaled, DIFFERENCE_BITS)
        return np.where(significant, exponentials, 0).astype(np.int32)

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return stored_range(self.target)

    @property
    def output_bits(self) -> int:
        return 8 * self.target.size_bytes

    @property
    def keeps_order(self) -> bool:
        return True

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """The sum has at least one entry for difference 0. A result whose shift exceeds 31 is 0 without a shift."""
        terms = rounding_shift_right(self.table.astype(np.int64), SUM_BITS)
        lowest = int(terms[0]) + (self.shape[-1] - 1) * min(int(terms.min()), 0)
        highest = self.shape[-1] * int(terms.max())
        estimate, error = fixed_point.newton_range()
        headroom = [32 - max(total, 1).bit_length() for total in (highest, lowest)]
        exponents = [SUM_BITS - bits + 31 - self.output_bits for bits in headroom]
        return (
            intermediate("entry of its table of exponentials", self.table.min(), self.table.max(), (0, INT32_MAX)),
            intermediate("sum of exponentials", lowest, highest, (1, INT32_MAX)),
            intermediate("reciprocal's estimate", *estimate),
            intermediate("reciprocal's error", *error),
            intermediate("shift of its results", min(min(exponents), 31), min(max(exponents), 31), (0, 31)),
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        x = as_rows(inputs[0], rows).astype(np.int64)
        exponentials = self.table.astype(np.int64)[np.max(x, axis=-1, keepdims=True) - x]
        sums = rounding_shift_right(exponentials, SUM_BITS).sum(axis=-1)
        low, high = stored_range(self.target)
        result = np.empty(x.shape, self.target.numpy)
        for place in np.ndindex(sums.shape):
            factor, shift = fixed_point.reciprocal(int(sums[place]), SUM_BITS)
            # TFLM stops the program where this shift exceeds 31 (512 and more equal classes); all results are 0 then.
            exponent = min(shift + 31 - self.output_bits, 32)
            scaled = rounding_shift_right(doubling_high_mul(exponentials[place], factor), exponent)
            result[place] = np.clip(scaled + low, low, high)
        return (result,)
