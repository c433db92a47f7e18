"""MAXIMUM and MINIMUM on int8: the larger, or the smaller, of two stored values; scales are not looked at.

Sources: tensorflow/lite/micro/kernels/maximum_minimum.cc; tensorflow/lite/kernels/internal/reference/maximum_minimum.h
(MaximumMinimumBroadcastSlow).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from verify.ops.arithmetic import Stored
from verify.ops.base import MovesOnly
from verify.ops.broadcast import Binary


@dataclass(frozen=True)
class Picked(MovesOnly, Binary):
    """The larger or the smaller of two stored values, as `smaller` says."""

    smaller: ClassVar[bool]

    def check_scales(self) -> None:
        """Nothing is rescaled."""

    def stored(self, operands: Sequence[Stored]) -> Stored:
        pick: Callable[[int, int], int] = min if self.smaller else max
        (low1, high1), (low2, high2) = operands
        return pick(low1, low2), pick(high1, high2)

    def combine(self, x1: np.ndarray, x2: np.ndarray) -> np.ndarray:
        return np.minimum(x1, x2) if self.smaller else np.maximum(x1, x2)


@dataclass(frozen=True)
class Extremum(Picked):
    """Of bytes."""


@dataclass(frozen=True)
class Maximum(Extremum):
    """The larger of two, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "MAXIMUM"
    smaller: ClassVar[bool] = False


@dataclass(frozen=True)
class Minimum(Extremum):
    """The smaller of two, the smaller shape stretched to the larger."""

    kind: ClassVar[str] = "MINIMUM"
    smaller: ClassVar[bool] = True
