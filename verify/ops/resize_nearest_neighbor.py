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
from verify.ops.move import check_movable
from verify.ops.operand_checks import constant_integers, integer_option, operands_of, require_shape, unsupported
from verify.ops.rows import Shape, all_reordered, as_rows


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


def window_of(positions: Sequence[int]) -> Window | None:
    """The window that takes exactly these positions (each several times, or some apart), or None where none does."""
    if len(positions) == 1:
        return Window(pad_before=-positions[0])
    upsample = max(1, positions.count(positions[0]))
    candidates = [Window(upsample=upsample)]
    if positions[1] > positions[0]:
        candidates.append(Window(stride=positions[1] - positions[0], pad_before=-positions[0]))
    for window in candidates:
        if all(window.start(i) == position for i, position in enumerate(positions)):
            return window
    return None


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
        x, size = operands_of(source, 2)
        if len(x.shape) != 4:
            raise unsupported(f"{source.kind} of this rank", "the operand must have four axes", x.shape)
        extents = constant_integers(source.kind, "size", size)
        if len(extents) != 2 or min(extents) < 1:
            raise unsupported(f"{source.kind} to this size", "it must be two positive integers", extents)
        result = (x.shape[0], *extents, x.shape[3])
        require_shape(source.kind, source.outputs[0], result)
        corners, centers = (bool(integer_option(source, name)) for name in ("align_corners", "half_pixel_centers"))
        return cls(x.shape, result, check_movable(source, (0,)).size_bytes, corners, centers)

    def positions(self, axis: int) -> tuple[int, ...]:
        """Operand positions along an axis of the shapes."""
        return nearest(self.shape[axis], self.result[axis], self.align_corners, self.half_pixel_centers)

    def frame(self) -> Self:
        return replace(self, shape=(1, *self.shape[1:]), result=(1, *self.result[1:]))

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """With height and width exchanged."""
        shapes = all_reordered((self.shape, self.result), axes)
        if shapes is None or tuple(axes) != (0, 2, 1, 3):
            return None
        return Reordered(replace(self, shape=shapes[0], result=shapes[1]), shapes[:1], shapes[1:])

    def window(self, position: int, axis: Axis) -> Window | None:
        """For images resized by an integer factor."""
        place = {Axis.HEIGHT: 1, Axis.WIDTH: 2}.get(axis)
        return window_of(self.positions(place)) if place is not None and is_image(self.shape) else None

    @property
    def row_wise(self) -> bool:
        return True

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        y, x = (list(self.positions(axis)) for axis in (1, 2))
        return (as_rows(inputs[0][:, y][:, :, x], rows),)
