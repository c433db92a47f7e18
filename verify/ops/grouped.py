"""What CONV_2D is for every element type: weights `[out_channels, kernel_h, kernel_w, in_channels / groups]`, how they
are read, and rows of images with zeros around them."""

from dataclasses import replace
from typing import Self

import numpy as np

from verify.graph.tensor import Quantization
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.geometry import ImageWindow
from verify.ops.weights import read_weights
from verify.ops.windowed import Windowed


class Grouped(Windowed):
    """Of every CONV_2D, whatever its types: weights `[out_channels, kernel_h, kernel_w, in_channels / groups]`."""

    weights: np.ndarray

    def turned(self) -> Self:
        weights = np.ascontiguousarray(np.swapaxes(self.weights, 1, 2))
        return replace(self, geometry=self.geometry.turned(), weights=weights)

    @property
    def macs(self) -> int:
        return self.geometry.taps * self.weights.shape[3]


def read_grouped(source: OperatorSource) -> tuple[ImageWindow, np.ndarray, Quantization, int]:
    """Window, weights, their quantization, and the number of groups.

    Raises:
      UnsupportedError: as `read_weights` and `ImageWindow`, or the channels do not split into groups.
    """
    weights, quantization = read_weights(source, rank=4, channel_axis=0)
    out_channels, kernel_h, kernel_w, depth = weights.shape
    geometry = ImageWindow.from_options(source, out_channels, (kernel_h, kernel_w))
    in_channels = geometry.input_shape[3]
    groups, rest = divmod(in_channels, depth)
    if rest or groups < 1 or out_channels % groups:
        raise UnsupportedError(
            f"{in_channels} input channels and {out_channels} output channels do not split into groups of "
            f"{depth} input channels"
        )
    return geometry, weights, quantization, groups


def image_rows(image: np.ndarray, batch: np.ndarray, y: np.ndarray, zero_point: int) -> np.ndarray:
    """Rows `y` of images `batch` minus the zero point, float64 [len(y), width, channels]; zeros outside the image."""
    inside = (y >= 0) & (y < image.shape[1])
    lines = image[batch, np.where(inside, y, 0)].astype(np.float64) - zero_point
    lines[~inside] = 0.0
    return lines
