"""DEPTHWISE_CONV_2D on int16 images with int8 weights and int64 biases; zero points are 0.

Sources: tensorflow/lite/kernels/internal/reference/integer_ops/depthwise_conv.h (DepthwiseConvPerChannel for int16_t);
tensorflow/lite/micro/kernels/depthwise_conv.cc.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import Defaults, OperatorSource
from verify.ops.channel_by_channel import ChannelByChannel, read_channel_by_channel
from verify.ops.geometry import ImageWindow
from verify.ops.wide.rescale import Rescale64, symmetric
from verify.ops.wide.weighted import WideConvolution, convolution_rescale, read_bias


@dataclass(frozen=True, eq=False)
class WideDepthwiseConv2D(ChannelByChannel, WideConvolution, Defaults):
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
        geometry, weights, quantization, multiplier = read_channel_by_channel(source)
        out_channels = weights.shape[2]
        scale = convolution_rescale(source, quantization, out_channels)
        return cls(geometry, weights, read_bias(source, out_channels), multiplier, scale)

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
