"""LOG_SOFTMAX on int8 along the last axis, in 32-bit fixed point.

Differences to the row's maximum and their exponentials come from tables, as in SOFTMAX.

Sources: tensorflow/lite/micro/kernels/log_softmax.cc; tensorflow/lite/kernels/internal/reference/log_softmax.h
(LogSoftmaxQuantized), quantization_util.cc (PreprocessLogSoftmaxScalingExp).
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops import fixed_point
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.base import OperatorSource
from verify.ops.elementwise import INT8_MAX, INT8_MIN, Pointwise, Scale, unary_int8
from verify.ops.operand_checks import unsupported
from verify.ops.requantize import (
    INT32_MAX,
    INT32_MIN,
    doubling_high_mul,
    quantize_multiplier,
    requantize,
    rounding_shift_right,
)
from verify.ops.rows import as_rows
from verify.ops.softmax import DIFFERENCE_BITS, MAX_CLASSES, MAX_STEP, MIN_STEP, SUM_BITS

OUTPUT_BITS = 4
RIGHT = 31 - DIFFERENCE_BITS - OUTPUT_BITS  # from differences to stored results
OUTPUT = Scale(1 / 16, 127)


@dataclass(frozen=True)
class LogSoftmax(Pointwise):
    """x - log(sum(exp(x)))."""

    scale: float
    kind: ClassVar[str] = "LOG_SOFTMAX"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        shape, scale, output = unary_int8(source)
        if output != OUTPUT:
            raise unsupported("LOG_SOFTMAX to this quantization", f"it must be {OUTPUT}", output)
        if not shape or shape[-1] > MAX_CLASSES:
            rule = f"it must have 1 to {MAX_CLASSES} elements, or their sum overflows"
            raise unsupported("LOG_SOFTMAX along an axis of this length", rule, shape)
        if not MIN_STEP < scale.scale < MAX_STEP:
            raise unsupported(
                "LOG_SOFTMAX from this scale", f"it must be above 2^-26 and below {MAX_STEP:g}", scale.scale
            )
        return cls(shape, scale.scale)

    @property
    def channel_wise(self) -> bool:
        return False  # the sum is over the channels

    @property
    def multiplier(self) -> tuple[int, int]:
        """From steps to differences."""
        return quantize_multiplier(self.scale * 2 ** (31 - DIFFERENCE_BITS))

    @property
    def backwards(self) -> tuple[int, int]:
        """From differences to steps."""
        factor, shift = self.multiplier
        return quantize_multiplier((1 << (31 - shift)) / factor)

    @property
    def lowest(self) -> int:
        """Steps below the maximum, at most so many of which count (a number that is not positive)."""
        return -fixed_point.input_radius(DIFFERENCE_BITS, self.multiplier[1])

    @functools.cached_property
    def differences(self) -> np.ndarray:
        """-d * scale, Q5, for d = 0 .. 255 steps; 0 for those that are not looked at."""
        factor, shift = self.multiplier
        steps = -np.arange(256, dtype=np.int64)
        return doubling_high_mul(np.where(steps >= self.lowest, steps, 0) << shift, factor).astype(np.int32)

    @functools.cached_property
    def exponentials(self) -> np.ndarray:
        """exp(-d * scale), Q12, for d = 0 .. 255 steps; 0 for those that do not count."""
        found = fixed_point.exp_on_negative_values(self.differences.astype(np.int64), DIFFERENCE_BITS)
        counts = -np.arange(256) >= self.lowest
        return np.where(counts, rounding_shift_right(found, SUM_BITS), 0).astype(np.int32)

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return INT8_MIN, INT8_MAX

    @property
    def keeps_order(self) -> bool:
        return True

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """The sum has the entry for difference 0 at least; what its logarithm is made of is the same for all models."""
        terms = self.exponentials.astype(np.int64)
        lowest = int(terms[0]) + (self.shape[-1] - 1) * min(int(terms.min()), 0)
        highest = self.shape[-1] * int(terms.max())
        logs = [fixed_point.log(min(max(total, 1), INT32_MAX), SUM_BITS) for total in (lowest, highest)]
        estimate, error = fixed_point.newton_range()
        return (
            intermediate("entry of its table of exponentials", terms.min(), terms.max(), (0, INT32_MAX)),
            intermediate("sum of exponentials", lowest, highest, (1, INT32_MAX)),
            intermediate("reciprocal's estimate", *estimate),
            intermediate("reciprocal's error", *error),
            intermediate("denominator of the logarithm", *fixed_point.log_denominator_range(), (0, INT32_MAX)),
            intermediate("logarithm", min(logs), max(logs), (0, INT32_MAX)),
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        x = as_rows(inputs[0], rows).astype(np.int64)
        steps = x - np.max(x, axis=-1, keepdims=True)
        sums = self.exponentials.astype(np.int64)[-steps].sum(axis=-1, keepdims=True)
        logs = np.array([fixed_point.log(int(total), SUM_BITS) for total in sums.reshape(-1)]).reshape(sums.shape)
        least = np.maximum(self.lowest - 1, requantize(logs + INT32_MIN, *self.backwards))
        exact = np.maximum(self.differences.astype(np.int64)[-steps] - logs, INT32_MIN)
        result = np.clip(rounding_shift_right(exact, RIGHT) + INT8_MAX, INT8_MIN, INT8_MAX)
        return (np.where(steps > least, result, INT8_MIN).astype(np.int8),)
