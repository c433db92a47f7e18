"""Where the windows of a transposed convolution lie, whatever its elements are.

Each input pixel adds to a window of the result, `stride` apart from its neighbours'. Seen from a result position, it
reads every input position of whose window it is part: how many these are depends on its phase.

The result's shape is the one that the file records for it, as TFLM has it; the operand that asks for a shape is not
looked at.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, Quantization, is_image
from verify.graph.window import Window
from verify.ops.base import OperatorSource, Reordered
from verify.ops.geometry import place
from verify.ops.operand_checks import integer_option, operands_of, unsupported
from verify.ops.rows import Shape, exchanged
from verify.ops.weights import read_weights

Placed = tuple[Shape, Shape, tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Transposed:
    """Sums of products that are `stride` apart.

    Args:
      shape, result: of the operand and the result, batch height width channels.
      stride, before: along height and width; `before` positions of the first window lie before the result.
      weights: int8 [out_channels, kernel_h, kernel_w, in_channels], zero point 0.
    """

    unread: ClassVar[tuple[int, ...]] = (0,)

    shape: Shape
    result: Shape
    stride: tuple[int, int]
    before: tuple[int, int]
    weights: np.ndarray

    @property
    def operands(self) -> tuple[int, ...]:
        return (2,)

    @property
    def kernel(self) -> tuple[int, int]:
        return self.weights.shape[1], self.weights.shape[2]

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images."""
        if axis is Axis.TIME or not is_image(self.shape):
            return None
        i = 0 if axis is Axis.HEIGHT else 1
        # Where windows leave gaps, results in them read nothing; they wait for the pixel before the gap all the same.
        stride, reach = self.stride[i], max(self.kernel[i], self.stride[i])
        taps = -(-reach // stride)
        return Window(taps, 1, 1, reach - stride - self.before[i], stride, taps * stride - reach)

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def tile_wise(self) -> bool:
        return is_image(self.shape)

    @property
    def macs(self) -> int:
        """All products, also those that would lie outside of the result."""
        return math.prod(self.shape[:3]) * self.weights.size

    def frame(self) -> Self:
        return replace(self, shape=(1, *self.shape[1:]), result=(1, *self.result[1:]))

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """With height and width exchanged."""
        shapes = exchanged((self.shape, self.result), axes)
        if shapes is None:
            return None
        weights = np.ascontiguousarray(np.swapaxes(self.weights, 1, 2))
        pairs = {"stride": self.stride[::-1], "before": self.before[::-1]}
        op = replace(self, shape=shapes[0], result=shapes[1], weights=weights, **pairs)
        return Reordered(op, shapes[:1], shapes[1:])

    def sums(self, image: np.ndarray) -> np.ndarray:
        """As TFLM has it: from each pixel, int64 and less its zero point, to its window."""
        (height, width), (top, left) = self.result[1:3], self.before
        sums = np.zeros(self.result, np.int64)
        for n, i, j in np.ndindex(*self.shape[:3]):
            y, x = i * self.stride[0] - top, j * self.stride[1] - left
            part = self.weights[:, max(0, -y) : max(0, height - y), max(0, -x) : max(0, width - x)].astype(np.int64)
            added = np.moveaxis(part @ image[n, i, j], 0, 2)
            sums[n, max(0, y) :, max(0, x) :][: added.shape[0], : added.shape[1]] += added
        return sums


def read_transposed(source: OperatorSource) -> tuple[OperatorSource, np.ndarray, Quantization, Placed]:
    """The operator with its operands in a convolution's order, its weights, and shape, result, stride, before.

    Raises:
      UnsupportedError: if operands are missing or their shapes do not fit each other.
    """
    operands = operands_of(replace(source, inputs=source.inputs[:3]), 3)
    seen = replace(source, inputs=(operands[2], operands[1], *source.inputs[3:]))
    weights, quantization = read_weights(seen, rank=4, channel_axis=0)
    shape, result = operands[2].shape, source.outputs[0].shape
    ends = shape[0], shape[-1], result[0], result[-1]
    if {len(shape), len(result)} != {4} or ends != (result[0], weights.shape[3], shape[0], len(weights)):
        rule = "both ends must be images of the weights' channels"
        raise unsupported("TRANSPOSE_CONV of these shapes", rule, f"{shape} to {result} by weights {weights.shape}")
    stride = (integer_option(source, "stride_h", 1), integer_option(source, "stride_w", 1))
    padding = str(source.options.get("padding", "SAME"))
    # TFLM pads as the convolution from the result to the operand would.
    placed = [place(result[1 + i], weights.shape[1 + i], stride[i], 1, padding) for i in (0, 1)]
    return seen, weights, quantization, (shape, result, stride, (placed[0].before, placed[1].before))
