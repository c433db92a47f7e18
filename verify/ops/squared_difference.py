"""SQUARED_DIFFERENCE on int8: both operands are brought to a common scale with 7 bits of headroom, their difference is
squared and rescaled.

Source: tensorflow/lite/micro/kernels/squared_difference.cc (PrepareQuantized, SquaredDifference).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from verify.ops.arithmetic import Intermediate, Stored, intermediate, rescaled
from verify.ops.broadcast import Binary, require_four_axes
from verify.ops.channels import Channels
from verify.ops.operand_checks import multiplier
from verify.ops.requantize import requantize

LEFT_SHIFT = 7


@dataclass(frozen=True)
class SquaredDifference(Binary):
    """(x1 - x2)^2, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "SQUARED_DIFFERENCE"

    def check_scales(self) -> None:
        """Raises UnsupportedError if a multiplier is out of range; that a square fits is for the proof to say."""
        require_four_axes(self.kind, *self.shapes)
        assert len(self.multipliers) == 3

    @property
    def multipliers(self) -> tuple[tuple[int, int], ...]:
        """(multiplier, shift) of the first operand, the second operand, and the result."""
        first, second = (scale.scale for scale in self.scales)
        twice = 2 * max(first, second)
        reals = (first / twice, second / twice, twice * twice / (2 ** (2 * LEFT_SHIFT) * self.output.scale))
        return tuple(multiplier(self.kind, real) for real in reals)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        first, second, output = self.multipliers
        x1 = self._common("first operand", first, operands[0], self.scales[0].zero_point)
        x2 = self._common("second operand", second, operands[1], self.scales[1].zero_point)
        # The last interval of each is its value in the common scale; there is none where the multiplier is 0.
        (low1, high1), (low2, high2) = ((int(x.low.sum()), int(x.high.sum())) for x in (x1[-1], x2[-1]))
        ends = low1 - high2, high1 - low2
        squares = _squares(*(np.array(end) for end in ends))
        difference = intermediate("difference", *ends)
        return (*x1, *x2, difference, *rescaled("square", *squares, *output, self.output.zero_point))

    @staticmethod
    def _common(what: str, scale: tuple[int, int], stored: Stored, zero_point: int) -> tuple[Intermediate, ...]:
        low, high = ((x - zero_point) << LEFT_SHIFT for x in stored)
        return rescaled(what, low, high, *scale, 0)

    def _difference(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        """In the common scale."""
        first, second, _ = self.multipliers
        x1 = requantize((x1 - self.scales[0].zero_point) << LEFT_SHIFT, *first)
        return x1 - requantize((x2 - self.scales[1].zero_point) << LEFT_SHIFT, *second)

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels:
        """The square falls and rises again, but the difference rises or falls throughout."""
        x1, x2 = operands
        ends = self._difference(x1.low, x2.high), self._difference(x1.high, x2.low)
        low, high = (self._of_square(x) for x in _squares(*np.broadcast_arrays(*ends)))
        return Channels(np.clip(low, self.low, self.high), np.clip(high, self.low, self.high))

    def _of_square(self, square: np.ndarray) -> np.ndarray:
        return requantize(square, *self.multipliers[2]) + self.output.zero_point

    def combine(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        return self._of_square(self._difference(x1, x2) ** 2)


def _squares(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The least and the largest square of what lies in [low, high]."""
    near = np.where((low <= 0) & (high >= 0), 0, np.minimum(np.abs(low), np.abs(high)))
    return near**2, np.maximum(np.abs(low), np.abs(high)) ** 2
