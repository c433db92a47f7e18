"""RESIZE_NEAREST_NEIGHBOR: each result position takes one operand position per axis, fixed by the two extents.

Source: tensorflow/lite/kernels/internal/reference/resize_nearest_neighbor.h (GetNearestNeighbor), in float32.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, is_image
from verify.graph.window import Window
from verify.ops.activation import round_half_away
from verify.ops.base import Defaults, MovesOnly, OperatorSource, PadsNothing, Reordered
from verify.ops.resizing import read_resizing
from verify.ops.rows import Shape, as_rows, exchanged
from verify.ops.sampled import window_of


def nearest(operand: int, result: int, align_corners: bool, half_pixel_centers: bool) -> tuple[int, ...]:
    """The operand position for each of `result` positions along an axis of extent `operand`."""
    if align_corners and result > 1:
        scale = np.float32(operand - 1) / np.float32(result - 1)
    else:
        scale = np.float32(operand) / np.float32(result)
    offset = np.float32(0.5 if half_pixel_centers else 0.0)
    centres = [float((np.float32(i) + offset) * scale) for i in range(result)]
    rounded = [round_half_away(x) if align_corners else int(x) for x in centres]
    return tuple(min(x, operand - 1) for x in rounded)


@dataclass(frozen=True)
class ResizeNearestNeighbor(MovesOnly, PadsNothing, Defaults):
    """Result pixel (y, x) is operand pixel (rows[y], columns[x]).

    Args:
      shape, result: of the operand and the result, batch height width channels.
      element_bytes: size of an element.
    """

    shape: Shape
    result: Shape
    element_bytes: int
    align_corners: bool
    half_pixel_centers: bool
    kind: ClassVar[str] = "RESIZE_NEAREST_NEIGHBOR"

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        shape, result, corners, centers = read_resizing(source)
        return cls(shape, result, source.outputs[0].dtype.size_bytes, corners, centers)

    def positions(self, axis: int) -> tuple[int, ...]:
        """Operand positions along an axis of the shapes."""
        return nearest(self.shape[axis], self.result[axis], self.align_corners, self.half_pixel_centers)

    def frame(self) -> Self:
        return replace(self, shape=(1, *self.shape[1:]), result=(1, *self.result[1:]))

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """With height and width exchanged."""
        shapes = exchanged((self.shape, self.result), axes)
        if shapes is None:
            return None
        return Reordered(replace(self, shape=shapes[0], result=shapes[1]), shapes[:1], shapes[1:])

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images, by any factor of which float32 makes even steps."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        if place is None or not is_image(self.shape):
            return None
        taken = self.positions(place)
        return window_of(taken, tuple(position + 1 for position in taken), self.shape[place])

    @property
    def row_wise(self) -> bool:
        return True

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        y, x = (list(self.positions(axis)) for axis in (1, 2))
        return (as_rows(inputs[0][:, y][:, :, x], rows),)
