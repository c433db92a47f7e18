"""What DEPTHWISE_CONV_2D is for every element type: weights `[kernel_h, kernel_w, out_channels]`, and their reader."""

from dataclasses import replace
from typing import Self

import numpy as np

from verify.graph.tensor import Quantization
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.geometry import ImageWindow
from verify.ops.operand_checks import integer_option
from verify.ops.weights import read_weights
from verify.ops.windowed import Windowed


class ChannelByChannel(Windowed):
    """Of every DEPTHWISE_CONV_2D, whatever its element types: weights `[kernel_h, kernel_w, out_channels]`."""

    weights: np.ndarray
    multiplier: int

    @property
    def channel_wise(self) -> bool:
        return self.multiplier == 1

    @property
    def taps(self) -> np.ndarray:
        return self.weights.reshape(-1, self.weights.shape[2]).T

    def turned(self) -> Self:
        weights = np.ascontiguousarray(np.swapaxes(self.weights, 0, 1))
        return replace(self, geometry=self.geometry.turned(), weights=weights)

    @property
    def macs(self) -> int:
        return self.geometry.taps


def read_channel_by_channel(source: OperatorSource) -> tuple[ImageWindow, np.ndarray, Quantization, int]:
    """Window, weights, their quantization, and the number of output channels per input channel.

    Raises:
      UnsupportedError: as `read_weights` and `ImageWindow`, or numbers of channels that do not go together.
    """
    weights, quantization = read_weights(source, rank=4, channel_axis=3)
    one, kernel_h, kernel_w, out_channels = weights.shape
    if one != 1:
        raise UnsupportedError(f"depthwise weights have shape {weights.shape}; their first extent must be 1")
    geometry = ImageWindow.from_options(source, out_channels, (kernel_h, kernel_w))
    in_channels = geometry.input_shape[3]
    multiplier, rest = divmod(out_channels, in_channels)
    if rest or integer_option(source, "depth_multiplier", multiplier) not in (0, multiplier):
        raise UnsupportedError(
            f"{in_channels} input channels with depth multiplier {source.options.get('depth_multiplier')} do not "
            f"give {out_channels} output channels"
        )
    return geometry, weights[0], quantization, multiplier
