"""HARD_SWISH on int8, in TFLM's 16-bit fixed point.

Sources: tensorflow/lite/micro/kernels/hard_swish_common.cc (HardSwishPrepare), tensorflow/lite/kernels/internal/
reference/hard_swish.h (HardSwish), common.h (DownScaleInt32ToInt16Multiplier).
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import OperatorSource
from verify.ops.elementwise import INT8_MAX, INT8_MIN, Lookup, unary_int8
from verify.ops.operand_checks import multiplier, unsupported
from verify.ops.requantize import rounding_shift_right

INT16_MIN, INT16_MAX = -(2**15), 2**15 - 1
HIRES_BITS = 7  # inputs are scaled by 2^7 to use the 16 bits


def multiplier_16(kind: str, real: float) -> tuple[int, int]:
    """`real` as (m, shift) with m a 16-bit number: real ~ m * 2^(shift - 15)."""
    wide, shift = multiplier(kind, real)
    narrow = INT16_MAX if wide >= INT16_MAX << 16 else (wide + (1 << 15)) >> 16
    return narrow, shift


def rounding_high_mul_16(a: np.ndarray, b: int) -> np.ndarray:
    """round(a * b / 2^15), halves away from zero as gemmlowp nudges them; no operand is INT16_MIN twice."""
    product = a * b
    nudged = product + np.where(product >= 0, 1 << 14, 1 - (1 << 14))
    return np.where(nudged >= 0, nudged >> 15, -(-nudged >> 15))


def shift_left_16(x: np.ndarray, bits: int) -> np.ndarray:
    return np.clip(x << bits, INT16_MIN, INT16_MAX)


@dataclass(frozen=True)
class HardSwish(Lookup):
    """x * min(max(x + 3, 0), 6) / 6."""

    kind: ClassVar[str] = "HARD_SWISH"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        op = cls(*unary_int8(source))
        (_, shift), _ = op.multipliers
        if shift > 0:
            rule = "operand scale / 128 must be below the result's scale"
            raise unsupported("HARD_SWISH between these scales", rule, f"{op.input.scale} and {op.output.scale}")
        return op

    @property
    def multipliers(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """From hires steps to output steps and to steps of 3 / 2^15, in TFLM's float32 arithmetic."""
        hires = np.float32(1 / 128) * np.float32(self.input.scale)
        to_output = float(hires / np.float32(self.output.scale))
        to_reluish = float(hires / (np.float32(3) / np.float32(32768)))
        return multiplier_16(self.kind, to_output), multiplier_16(self.kind, to_reluish)

    def gate(self, hires: np.ndarray) -> np.ndarray:
        """min(max(x + 3, 0), 6) / 6 as 15-bit fraction."""
        _, (factor, shift) = self.multipliers
        # Shifted in two parts, before and after the product, so that it saturates at the 16 bits of the result.
        x = shift_left_16(hires, shift - 1) if shift > 0 else hires
        x = rounding_high_mul_16(x, factor)
        x = shift_left_16(x, 1) if shift > 0 else rounding_shift_right(x, -shift)
        return (x + (1 << 15)) >> 1

    def apply(self, x: np.ndarray) -> np.ndarray:
        hires = (x - self.input.zero_point) << HIRES_BITS
        (factor, shift), _ = self.multipliers
        product = self.gate(hires) * rounding_high_mul_16(hires, factor)
        preshift = np.where(product >= 0, product >> 15, -(-product >> 15))  # this one product truncates
        return np.clip(rounding_shift_right(preshift, -shift) + self.output.zero_point, INT8_MIN, INT8_MAX)
