"""DEPTHWISE_CONV_2D on int8 images: weights `[1, kernel_h, kernel_w, in_channels * depth_multiplier]`.

Output channel c reads input channel c // depth_multiplier. The multiplier is taken from the shapes, as TFLM does; the
option of the same name must agree. What all element types share stands in channel_by_channel.py, the form that reads
the image by phases of its rows in depthwise_phases.py.

Sources: tensorflow/lite/kernels/internal/reference/integer_ops/depthwise_conv.h (DepthwiseConvPerChannel);
tensorflow/lite/micro/kernels/depthwise_conv_common.cc.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import Defaults, OperatorSource
from verify.ops.channel_by_channel import ChannelByChannel, read_channel_by_channel
from verify.ops.channels import Channels, Gone, Leaving, nothing, others, sums_of_channels, together
from verify.ops.depthwise_phases import DepthwisePhases
from verify.ops.geometry import ImageWindow
from verify.ops.weights import (
    Rescale,
    convolution_rescale,
    int8_scale,
    read_bias,
)
from verify.ops.windowed import Convolution


@dataclass(frozen=True, eq=False)
class DepthwiseConv2D(ChannelByChannel, Convolution, Defaults):
    """A 2-D convolution in which channels do not mix.

    Args:
      geometry: window and padding.
      weights: int8 [kernel_h, kernel_w, out_channels], zero point 0.
      bias: int32 [out_channels], or None.
      multiplier: output channels per input channel.
      input_zero_point: stored value of zero, and of padding.
      rescale: one entry per output channel.
    """

    kind: ClassVar[str] = "DEPTHWISE_CONV_2D"

    geometry: ImageWindow
    weights: np.ndarray
    bias: np.ndarray | None
    multiplier: int
    input_zero_point: int
    rescale: Rescale

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        _, input_zero_point = int8_scale(source, source.inputs[0])
        geometry, weights, quantization, multiplier = read_channel_by_channel(source)
        out_channels = weights.shape[2]
        bias = read_bias(source, out_channels)
        scale = convolution_rescale(source, quantization, out_channels)
        return cls(geometry, weights, bias, multiplier, input_zero_point, scale)

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels:
        read = [np.repeat(x, self.multiplier)[:, np.newaxis] for x in (operands[0].low, operands[0].high)]
        weights = self.taps[:, np.newaxis]
        sums = sums_of_channels(weights, Channels(*read), self.input_zero_point, self.padding is not None)
        return self.rescale.channel_ranges(sums, self.bias)

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        return together(operands, results) if self.multiplier == 1 else nothing(operands)

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        if self.multiplier != 1 or operands[0].keys() != results:
            return None
        kept = others(self.weights.shape[2], results)
        return replace(
            self,
            geometry=self.geometry.without(results, results),
            weights=np.ascontiguousarray(self.weights[..., kept]),
            bias=None if self.bias is None else self.bias[kept],
            rescale=self.rescale.kept(kept),
        )

    def by_row_phases(self, count: int) -> "DepthwisePhases | None":
        """At the stride between its rows, where a window has rows of every phase."""
        g = self.geometry
        steps = g.stride[0] == count and g.dilation[0] == 1 and g.kernel[0] >= count and g.top >= 0
        image = g.input_shape[0] == self.multiplier == 1 and g.input_shape[1] >= count
        return DepthwisePhases(self, count) if steps and image else None

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Puts each output row's window together from rows of the image and rows of zeros, then sums over its taps."""
        g = self.geometry
        height, width = g.input_shape[1:3]
        images = inputs[0].reshape(g.input_shape)
        out_height, out_width, out_channels = g.output_shape[1:]
        total = np.zeros((len(rows), out_width, out_channels), np.int64)
        for place, row in enumerate(rows):
            n, oy = divmod(row, out_height)
            for i in range(g.kernel[0]):
                iy = oy * g.stride[0] - g.top + i * g.dilation[0]
                if not 0 <= iy < height:
                    continue
                for j in range(g.kernel[1]):
                    ix = np.arange(out_width) * g.stride[1] - g.left + j * g.dilation[1]
                    inside = (ix >= 0) & (ix < width)
                    seen = images[n, iy, ix[inside]].astype(np.int64) - self.input_zero_point
                    total[place, inside] += np.repeat(seen, self.multiplier, axis=1) * self.weights[i, j]
        return (self.rescale.apply(total if self.bias is None else total + self.bias),)
