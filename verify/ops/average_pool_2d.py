"""AVERAGE_POOL_2D on int8 images. Padding is left out of sum and count, so no padding value exists.

Source: tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h (AveragePool): the mean is rounded to nearest,
halves away from zero, on stored values; input and output share their quantization.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, is_image
from verify.graph.window import Window
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.base import CountsNoMacs, Defaults, OperatorSource, PadsNothing
from verify.ops.geometry import ImageWindow
from verify.ops.pooling import covered, read_pool


@dataclass(frozen=True)
class AveragePool2D(CountsNoMacs, PadsNothing, Defaults):
    """The mean of each window.

    Args:
      geometry: window and padding.
      low, high: the stored range that the fused activation leaves.
    """

    kind: ClassVar[str] = "AVERAGE_POOL_2D"

    geometry: ImageWindow
    low: int
    high: int

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        return cls(*read_pool(source))

    def window(self, position: int, axis: Axis) -> Window | None:
        return self.geometry.along(axis)

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def tile_wise(self) -> bool:
        return is_image(self.geometry.input_shape)

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return self.low, self.high

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """The sum of stored values, and the half divisor that rounding adds to it."""
        count = self.geometry.kernel[0] * self.geometry.kernel[1]
        low, high = min(operands[0][0], 0) * count, max(operands[0][1], 0) * count
        return (intermediate("sum of a window with its rounding", low - count // 2, high + count // 2),)

    @property
    def channel_wise(self) -> bool:
        return True

    def frame(self) -> Self:
        return replace(self, geometry=self.geometry.frame())

    def tall(self, rows: int) -> Self | None:
        geometry = self.geometry.tall(rows)
        return None if geometry is None else replace(self, geometry=geometry)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        g = self.geometry
        images = inputs[0].reshape(g.input_shape)
        result = np.empty((len(rows), *g.output_shape[2:]), np.int64)
        for place, row in enumerate(rows):
            n, oy = divmod(row, g.output_shape[1])
            lines = covered(oy, g.stride[0], g.top, g.kernel[0], g.input_shape[1])
            for ox in range(g.output_shape[2]):
                columns = covered(ox, g.stride[1], g.left, g.kernel[1], g.input_shape[2])
                total = images[n, lines, columns].sum(axis=(0, 1), dtype=np.int64)
                count = (lines.stop - lines.start) * (columns.stop - columns.start)
                result[place, ox] = np.sign(total) * ((np.abs(total) + count // 2) // count)
        return (np.clip(result, self.low, self.high).astype(np.int8),)
