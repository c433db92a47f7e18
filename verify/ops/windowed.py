"""What operators have in common whose window slides over images (verify.ops.geometry)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from verify.graph.tensor import Axis, is_image
from verify.graph.window import Padding, Window
from verify.ops.base import Reordered
from verify.ops.geometry import ImageWindow
from verify.ops.weights import Weighted


@dataclass(frozen=True, eq=False)
class Windowed:
    """An operator whose outputs each come from one window of the image."""

    geometry: ImageWindow

    def window(self, position: int, axis: Axis) -> Window | None:
        return self.geometry.along(axis)

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def tile_wise(self) -> bool:
        return is_image(self.geometry.input_shape)

    def frame(self) -> Self:
        return replace(self, geometry=self.geometry.frame())

    def tall(self, rows: int) -> Self | None:
        geometry = self.geometry.tall(rows)
        return None if geometry is None else replace(self, geometry=geometry)

    def alone(self) -> Self:
        return replace(self, geometry=self.geometry.alone())

    def turned(self) -> Self:
        return replace(self, geometry=self.geometry.turned())

    def row_phase(self, phase: int, count: int) -> Self | None:
        rows_follow = self.geometry.output_shape[0] == 1 and self.geometry.output_shape[1] > phase
        return replace(self, geometry=self.geometry.row_phase(phase, count)) if rows_follow else None

    def reordered(self, axes: Sequence[int | None]) -> Reordered[Self] | None:
        """With height and width exchanged."""
        if tuple(axes) != (0, 2, 1, 3):
            return None
        op = self.turned()
        return Reordered(op, (op.geometry.input_shape,), (op.geometry.output_shape,))


class Convolution(Weighted, Windowed):
    """A sum of products over each window; padding holds the zero point, so its products are zero."""

    @property
    def padding(self) -> Padding | None:
        return self.geometry.padding(self.input_zero_point)

    def spread(
        self, block: tuple[int, int], before: tuple[int, int], image: tuple[int, ...], result: tuple[int, ...]
    ) -> Self | None:
        geometry = self.geometry.spread(block, before, image, result)
        return None if geometry is None else replace(self, geometry=geometry)

    def absorb_padding(self, padding: Padding) -> Self | None:
        if padding.value != self.input_zero_point:
            return None
        return replace(self, geometry=self.geometry.absorbing(padding))
