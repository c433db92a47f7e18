"""ADD and SUB on int8: both operands are brought to a common scale with 20 bits of headroom, then rescaled.

Sources: tensorflow/lite/micro/kernels/add_common.cc, sub_common.cc (CalculateOpData); tensorflow/lite/kernels/internal/
reference/integer_ops/add.h (AddElementwise), reference/sub.h (SubElementwise).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from verify.ops.arithmetic import Intermediate, Stored, rescaled
from verify.ops.broadcast import Binary
from verify.ops.operand_checks import multiplier, unsupported
from verify.ops.requantize import requantize


@dataclass(frozen=True)
class Sum(Binary):
    """x1 + sign * x2, in a common scale with `headroom` bits below the operands' last one."""

    kind: ClassVar[str]
    sign: ClassVar[int] = 1
    headroom: ClassVar[int] = 20

    def check_scales(self) -> None:
        *_, (_, shift) = self.multipliers
        if shift > 0:
            rule = f"twice the larger operand scale must be at most 2^{self.headroom} times the result's"
            found = f"{self.scales[0].scale}, {self.scales[1].scale} and {self.output.scale}"
            raise unsupported(f"{self.kind} between these scales", rule, found)

    @property
    def multipliers(self) -> tuple[tuple[int, int], ...]:
        """(multiplier, shift) of the first operand, the second operand, and the result."""
        first, second = (scale.scale for scale in self.scales)
        twice = 2 * max(first, second)
        reals = (first / twice, second / twice, twice / (2**self.headroom * self.output.scale))
        return tuple(multiplier(self.kind, real) for real in reals)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        first, second, output = self.multipliers
        x1 = self._common("first operand", first, operands[0], self.scales[0].zero_point)
        x2 = self._common("second operand", second, operands[1], self.scales[1].zero_point)
        # The last interval of each is its value in the common scale; there is none where the multiplier is 0.
        (low1, high1), (low2, high2) = ((int(x.low.sum()), int(x.high.sum())) for x in (x1[-1], x2[-1]))
        ends = self.sign * low2, self.sign * high2
        low, high = low1 + min(ends), high1 + max(ends)
        return (*x1, *x2, *rescaled("sum", low, high, *output, self.output.zero_point))

    def _common(self, what: str, scale: tuple[int, int], stored: Stored, zero_point: int) -> tuple[Intermediate, ...]:
        low, high = ((x - zero_point) << self.headroom for x in stored)
        return rescaled(what, low, high, *scale, 0)

    def combine(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        first, second, output = self.multipliers
        x1 = requantize((x1 - self.scales[0].zero_point) << self.headroom, *first)
        x2 = requantize((x2 - self.scales[1].zero_point) << self.headroom, *second)
        return requantize(x1 + self.sign * x2, *output) + self.output.zero_point


@dataclass(frozen=True)
class Add(Sum):
    """x1 + x2, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "ADD"


@dataclass(frozen=True)
class Sub(Add):
    """x1 - x2, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "SUB"
    sign: ClassVar[int] = -1
