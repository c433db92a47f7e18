"""AVERAGE_POOL_2D on int8 images. Padding is left out of sum and count, so no padding value exists.

Source: tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h (AveragePool): the mean is rounded to nearest,
halves away from zero, on stored values; input and output share their quantization.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.base import CountsNoMacs
from verify.ops.pooling import Pool


@dataclass(frozen=True)
class Average(CountsNoMacs, Pool):
    """The mean of each window, of any element type."""

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """The sum of stored values, and the half divisor that rounding adds to it."""
        count = self.geometry.kernel[0] * self.geometry.kernel[1]
        low, high = min(operands[0][0], 0) * count, max(operands[0][1], 0) * count
        return (intermediate("sum of a window with its rounding", low - count // 2, high + count // 2),)

    def of_window(self, window: np.ndarray) -> np.ndarray:
        count = window.shape[0] * window.shape[1]
        total = window.sum(axis=(0, 1), dtype=np.int64)
        return np.sign(total) * ((np.abs(total) + count // 2) // count)


@dataclass(frozen=True)
class AveragePool2D(Average):
    """The mean of each window."""

    kind: ClassVar[str] = "AVERAGE_POOL_2D"
