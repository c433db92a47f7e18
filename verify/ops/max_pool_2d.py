"""MAX_POOL_2D on int8 images. Padding never wins, so no padding value exists.

Source: tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h (MaxPool); input and output share their
quantization.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from verify.ops.base import MovesOnly
from verify.ops.pooling import Pool


@dataclass(frozen=True)
class Largest(MovesOnly, Pool):
    """The maximum of each window, of any element type."""

    def of_window(self, window: np.ndarray) -> np.ndarray:
        return window.max(axis=(0, 1))


@dataclass(frozen=True)
class MaxPool2D(Largest):
    """The maximum of each window."""

    kind: ClassVar[str] = "MAX_POOL_2D"
