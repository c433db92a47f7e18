"""DIV on int8: the dividend times the divisor's reciprocal, both with all their bits, rescaled once.

Source: tensorflow/lite/micro/kernels/div.cc (CalculateOpDataDiv); tensorflow/lite/kernels/internal/reference/div.h
(DivElementwise).
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from verify.ops import fixed_point
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.broadcast import Binary
from verify.ops.operand_checks import multiplier, unsupported
from verify.ops.requantize import INT32_MAX, doubling_high_mul, rounding_shift_right

MOST_STEPS = 255  # of a dividend or a divisor
LEAST_SHIFT, MOST_SHIFT = (
    7,
    23,
)  # of the result's multiplier: beyond, TFLM's last shift leaves [0, 31], and C leaves it open
LEAST_HEADROOM = 23  # of a dividend


@dataclass(frozen=True)
class Div(Binary):
    """x1 / x2, the smaller shape stretched to the larger. Divided by zero, which TFLM leaves open, what is positive
    gives the highest value, what is negative the lowest, and zero is zero.
    """

    kind: ClassVar[str] = "DIV"

    def check_scales(self) -> None:
        if not LEAST_SHIFT <= self.multiplier[1] <= MOST_SHIFT:
            first, second = (scale.scale for scale in self.scales)
            rule = "the dividend's scale must be 2^6 to 2^23 times the product of the others, or TFLM shifts too far"
            raise unsupported("DIV between these scales", rule, f"{first}, {second} and {self.output.scale}")

    @property
    def multiplier(self) -> tuple[int, int]:
        first, second = (scale.scale for scale in self.scales)
        return multiplier(self.kind, first / (second * self.output.scale))

    @functools.cached_property
    def reciprocals(self) -> tuple[np.ndarray, np.ndarray]:
        """Of 0 (not used) to 255 steps: r and shift, 1 / steps ~ r * 2^(-31 - shift)."""
        found = [(INT32_MAX, 0), *(fixed_point.reciprocal(steps, 31) for steps in range(1, MOST_STEPS + 1))]
        factor, shift = (np.array(column, np.int64) for column in zip(*found, strict=True))
        return factor, shift

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """The dividend is shifted until its sign is followed by its highest bit, so that it always fits."""
        multiplier, shift = self.multiplier
        factor, lost = self.reciprocals
        return (
            intermediate("reciprocals", factor.min(), factor.max(), (0, INT32_MAX)),
            intermediate("multiplier of the quotient", multiplier, multiplier),
            intermediate(
                "shift of the quotient", lost.min() + LEAST_HEADROOM - shift, lost.max() + 31 - shift, (0, 31)
            ),
        )

    def channel_ranges(self, operands: Sequence[object]) -> None:
        """It neither rises nor falls throughout where the divisor has either sign."""

    def combine(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        dividend, divisor = x1 - self.scales[0].zero_point, x2 - self.scales[1].zero_point
        dividend, divisor = np.where(divisor < 0, -dividend, dividend), np.abs(divisor)
        multiplier, shift = self.multiplier
        factor, lost = (column[divisor] for column in self.reciprocals)
        headroom = headroom_of(dividend)
        quotient = doubling_high_mul(doubling_high_mul(dividend << headroom, factor), multiplier)
        right = lost + headroom - shift
        scaled = rounding_shift_right(quotient, right)
        scaled = np.where(divisor == 0, np.sign(dividend) * (MOST_STEPS + 1), scaled)
        return scaled + self.output.zero_point


def headroom_of(x: np.ndarray) -> np.ndarray:
    """Bits by which an int32 can be shifted to the left; 31 of zero."""
    magnitude = np.where(x < 0, -x - 1, x)
    return 31 - np.ceil(np.log2(magnitude + 1)).astype(np.int64)
