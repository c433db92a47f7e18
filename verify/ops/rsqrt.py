"""RSQRT on int8, in 32-bit fixed point.

Sources: tensorflow/lite/micro/kernels/elementwise.cc (SetRsqrtOutputMultiplier, RsqrtEvalQuantized,
validate_input_func); tensorflow/lite/kernels/internal/common.h (GetInvSqrtQuantizedMultiplierExp).
"""

import math
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops import fixed_point
from verify.ops.base import OperatorSource
from verify.ops.elementwise import INT8_MAX, INT8_MIN, Lookup, unary_int8
from verify.ops.operand_checks import multiplier, unsupported
from verify.ops.requantize import requantize

FRACTION_BITS = 20  # of the root of a count of steps, before it is rescaled
LEAST_SHIFT = -31


@dataclass(frozen=True)
class Rsqrt(Lookup):
    """1 / sqrt(x). Zero gives the largest value; so does what is below, where TFLM ends the inference."""

    kind: ClassVar[str] = "RSQRT"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        op = cls(*unary_int8(source))
        factor, shift = op.multiplier
        if factor == 0 or shift < LEAST_SHIFT:
            rule = (
                f"the root of the operand's scale times the result's must be below 2^{-(LEAST_SHIFT + FRACTION_BITS)}"
            )
            raise unsupported("RSQRT between these scales", rule, f"{op.input.scale} and {op.output.scale}")
        return op

    @property
    def multiplier(self) -> tuple[int, int]:
        """From roots with `FRACTION_BITS` to steps of the result."""
        factor, shift = multiplier(self.kind, 1 / (math.sqrt(self.input.scale) * self.output.scale))
        return factor, shift - FRACTION_BITS

    def apply(self, x: np.ndarray) -> np.ndarray:
        return np.array([self._of(int(value) - self.input.zero_point) for value in x.reshape(-1)]).reshape(x.shape)

    def _of(self, steps: int) -> int:
        if steps <= 0:
            return INT8_MAX
        factor, shift = fixed_point.inverse_root(steps)
        root = requantize(np.array(1), factor, shift + FRACTION_BITS)
        scaled = int(requantize(root, *self.multiplier)) + self.output.zero_point
        return min(max(scaled, INT8_MIN), INT8_MAX)
