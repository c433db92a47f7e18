"""DEPTHWISE_CONV_2D on int16 images with int8 weights and int64 biases; zero points are 0.

Sources: tensorflow/lite/kernels/internal/reference/integer_ops/depthwise_conv.h (DepthwiseConvPerChannel for int16_t);
tensorflow/lite/micro/kernels/depthwise_conv.cc.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import Defaults, OperatorSource, UnsupportedError
from verify.ops.geometry import ImageWindow
from verify.ops.operand_checks import integer_option
from verify.ops.weights import read_weights
from verify.ops.wide.rescale import Rescale64, symmetric
from verify.ops.wide.weighted import WideConvolution, convolution_rescale, read_bias


@dataclass(frozen=True, eq=False)
class WideDepthwiseConv2D(WideConvolution, Defaults):
    """A 2-D convolution in which channels do not mix.

    Args:
      geometry: window and padding.
      weights: int8 [kernel_h, kernel_w, out_channels], zero point 0.
      bias: int64 [out_channels], or None.
      multiplier: output channels per input channel.
      rescale: one entry per output channel.
    """

    kind: ClassVar[str] = "DEPTHWISE_CONV_2D"

    geometry: ImageWindow
    weights: np.ndarray
    bias: np.ndarray | None
    multiplier: int
    rescale: Rescale64

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        symmetric(source, source.inputs[0])
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
        scale = convolution_rescale(source, quantization, out_channels)
        return cls(geometry, weights[0], read_bias(source, out_channels), multiplier, scale)

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

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Position by position of each output row, over the taps that are on the image."""
        g = self.geometry
        images = np.repeat(inputs[0].reshape(g.input_shape).astype(np.int64), self.multiplier, axis=3)
        total = np.zeros((len(rows), *g.output_shape[2:]), np.int64)
        for place, x in np.ndindex(*total.shape[:2]):
            n, y = divmod(rows[place], g.output_shape[1])
            for i, j in np.ndindex(*g.kernel):
                iy = y * g.stride[0] - g.top + i * g.dilation[0]
                ix = x * g.stride[1] - g.left + j * g.dilation[1]
                if 0 <= iy < g.input_shape[1] and 0 <= ix < g.input_shape[2]:
                    total[place, x] += images[n, iy, ix] * self.weights[i, j]
        return (self.rescale.apply(total if self.bias is None else total + self.bias),)
