"""Sums of several int8 values in TFLM's common scale, as CUMSUM and ADD_N make them.

TFLM brings each value less its zero point to a scale of 20 bits below the point, of which one is lost again, and begins
with minus the zero point. That is not zero, but what it computes.

Sources: tensorflow/lite/micro/kernels/cumsum.cc, add_n.cc (CalculateOpData); tensorflow/lite/kernels/internal/
reference/cumsum.h (CumSum), add_n.h (AddN).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.arithmetic import INT32, Intermediate, Stored, intermediate, rescaled
from verify.ops.base import CountsNoMacs, Defaults, PadsNothing
from verify.ops.elementwise import INT8_MAX, INT8_MIN, Scale
from verify.ops.operand_checks import multiplier, unsupported
from verify.ops.requantize import requantize
from verify.ops.rows import Shape

FRACTION_BITS = 19


@dataclass(frozen=True)
class Summed(CountsNoMacs, PadsNothing, Defaults):
    """Sums of several values of one quantization; shapes are all `shape`."""

    kind: ClassVar[str]

    shape: Shape
    input: Scale
    output: Scale

    @property
    def terms(self) -> int:
        """The most values of a sum."""
        raise NotImplementedError

    def check(self) -> Self:
        """Raises UnsupportedError where TFLM's arithmetic would leave its range."""
        _, shift = self.multiplier
        if shift > 0:
            rule = "twice the operand's scale must be below 2^20 times the result's"
            raise unsupported(f"{self.kind} between these scales", rule, f"{self.input.scale} and {self.output.scale}")
        low, high = self.sums((INT8_MIN, INT8_MAX))
        if not INT32[0] <= low <= high <= INT32[1]:
            rule = "TFLM's sum of them could leave 32 bits"
            raise unsupported(f"{self.kind} of so many values", rule, self.terms)
        return self

    @property
    def multiplier(self) -> tuple[int, int]:
        return multiplier(self.kind, 2 * self.input.scale / (2 ** (FRACTION_BITS + 1) * self.output.scale))

    def sums(self, stored: Stored) -> Stored:
        """Of up to so many values of this range."""
        low, high = (x - self.input.zero_point for x in stored)
        start = -self.input.zero_point
        ends = min(0, self.terms * low), max(0, self.terms * high)
        return (start + ends[0]) << FRACTION_BITS, (start + ends[1]) << FRACTION_BITS

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        stored = min(low for low, _ in operands), max(high for _, high in operands)
        factor = self.multiplier
        low, high = self.sums(stored)
        return (intermediate("sum", low, high), *rescaled("sum", low, high, *factor, self.output.zero_point))

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return INT8_MIN, INT8_MAX

    def result(self, sums: np.ndarray) -> np.ndarray:
        """Stored results of sums of values less zero point."""
        wide = (sums - self.input.zero_point) << FRACTION_BITS
        return np.clip(requantize(wide, *self.multiplier) + self.output.zero_point, INT8_MIN, INT8_MAX).astype(np.int8)
