"""RESIZE_BILINEAR on int8: each result pixel is a mean of up to four operand pixels, weighed by how near they are.

Positions are integers with ten bits of fraction, and so are weights; the sum of products is rounded once, halves away
from zero. Nothing is rescaled, so both ends must have the same quantization.

Source: tensorflow/lite/micro/kernels/resize_bilinear.cc; tensorflow/lite/kernels/internal/reference/resize_bilinear.h
(ResizeBilinearInteger).
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, DType, is_image
from verify.graph.window import Window
from verify.ops.arithmetic import Intermediate, Stored, intermediate
from verify.ops.base import CountsNoMacs, Defaults, OperatorSource, PadsNothing, Reordered
from verify.ops.channels import Channels, Gone, Leaving, fewer, together
from verify.ops.operand_checks import require_dtype, unsupported
from verify.ops.resizing import read_resizing
from verify.ops.rows import Shape, exchanged
from verify.ops.sampled import window_of

BITS = 10
ONE = 1 << BITS


@dataclass(frozen=True)
class ResizeBilinear(CountsNoMacs, PadsNothing, Defaults):
    """Result pixel (y, x) is interpolated between the operand's pixels around its place.

    Args:
      shape, result: of the operand and the result, batch height width channels.
      align_corners: corner pixels lie on each other, in place of the images' borders.
      half_pixel_centers: a pixel's place is its middle, in place of its corner.
    """

    shape: Shape
    result: Shape
    align_corners: bool
    half_pixel_centers: bool
    kind: ClassVar[str] = "RESIZE_BILINEAR"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        op = cls(*read_resizing(source))
        for tensor in (source.inputs[0], source.outputs[0]):
            assert tensor is not None, "read_resizing has looked"
            require_dtype(source.kind, tensor, DType.INT8)
        if op.align_corners and op.half_pixel_centers:
            raise unsupported(f"{source.kind} with align_corners and half_pixel_centers", "TFLM takes only one", "both")
        for axis in (1, 2):
            if (op.result[axis] - 1) * op.scale(axis) + op.offset(axis) >= op.shape[axis] * ONE:
                rule = "its scale has ten bits of fraction, by which TFLM would read behind the image in the end"
                raise unsupported(f"{source.kind} to this size", rule, f"{op.shape[axis]} to {op.result[axis]}")
        return op

    def scale(self, axis: int) -> int:
        """Operand positions per result position along an axis of the shapes, ten bits of fraction, rounded."""
        operand, result = self.shape[axis], self.result[axis]
        if self.align_corners and result > 1:
            operand, result = operand - 1, result - 1
        return (ONE * operand + result // 2) // result

    def offset(self, axis: int) -> int:
        """The place of result position 0 in the operand, ten bits of fraction."""
        return self.scale(axis) // 2 - ONE // 2 if self.half_pixel_centers else 0

    def taps(self, axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Along an axis, of each result position: the two operand positions, and the weight of the second."""
        places = np.arange(self.result[axis]) * self.scale(axis) + self.offset(axis)
        first = np.maximum(places, 0) // ONE
        # Both divisions of TFLM's cut off; what is below 0 is more than one position above -1.
        second = np.minimum((places + ONE - 1) // ONE, self.shape[axis] - 1)
        return first, second, places - first * ONE

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        if place is None or not is_image(self.shape):
            return None
        first, second, _ = self.taps(place)
        return window_of(tuple(first.tolist()), tuple((second + 1).tolist()), self.shape[place])

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def tile_wise(self) -> bool:
        return is_image(self.shape) and None not in (self.window(0, Axis.HEIGHT), self.window(0, Axis.WIDTH))

    @property
    def channel_wise(self) -> bool:
        return True

    def stored(self, operands: Sequence[Stored]) -> Stored:
        """Weights add up to 1; where one is below 0, both taps of that axis are the same position."""
        return operands[0]

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        """Along an axis the sizes of two weights add up to less than 2, as places begin at -1/2 at the least."""
        low, high = (x * 2 * ONE for x in (min(operands[0][0], 0), max(operands[0][1], 0)))
        widest = max(-low, high)
        half = 1 << (2 * BITS - 1)
        return (
            intermediate("sum along a column", -widest, widest),
            intermediate("weighted sum and a half", -2 * ONE * widest - half, 2 * ONE * widest + half),
        )

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels:
        return operands[0]

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        return together(operands, results)

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        if operands[0].keys() != results:
            return None
        return replace(self, shape=fewer(self.shape, results), result=fewer(self.result, results))

    def frame(self) -> Self:
        return replace(self, shape=(1, *self.shape[1:]), result=(1, *self.result[1:]))

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """With height and width exchanged."""
        shapes = exchanged((self.shape, self.result), axes)
        if shapes is None:
            return None
        return Reordered(replace(self, shape=shapes[0], result=shapes[1]), shapes[:1], shapes[1:])

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """As TFLM has it: four products per element."""
        images = inputs[0].reshape(self.shape).astype(np.int64)
        left, right, across = self.taps(2)
        above, below, down = self.taps(1)
        across, found = across[:, None], []
        for row in rows:
            n, y = divmod(row, self.result[1])
            top, bottom, weight = images[n, above[y]], images[n, below[y]], down[y]
            total = top[left] * (ONE - weight) * (ONE - across) + bottom[left] * weight * (ONE - across)
            total = total + top[right] * (ONE - weight) * across + bottom[right] * weight * across
            half = np.where(total > 0, 1, -1) << (2 * BITS - 1)
            found.append(np.trunc((total + half) / (1 << 2 * BITS)))
        return (np.array(found).astype(np.int8),)
