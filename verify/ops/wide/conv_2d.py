"""CONV_2D on int16 images with int8 weights and int64 biases; zero points are 0.

Sources: tensorflow/lite/kernels/internal/reference/integer_ops/conv.h (ConvPerChannel for int16_t);
tensorflow/lite/micro/kernels/conv.cc.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import Defaults, OperatorSource
from verify.ops.geometry import ImageWindow
from verify.ops.grouped import Grouped, image_rows, read_grouped
from verify.ops.wide.rescale import Rescale64, symmetric
from verify.ops.wide.weighted import WideConvolution, convolution_rescale, read_bias


@dataclass(frozen=True, eq=False)
class WideConv2D(Grouped, WideConvolution, Defaults):
    """A 2-D convolution.

    Args:
      geometry: window and padding.
      weights: int8 [out_channels, kernel_h, kernel_w, in_channels / groups], zero point 0.
      bias: int64 [out_channels], or None.
      groups: in and out channels are split into this many parts that do not mix.
      rescale: one entry per output channel.
    """

    kind: ClassVar[str] = "CONV_2D"

    geometry: ImageWindow
    weights: np.ndarray
    bias: np.ndarray | None
    groups: int
    rescale: Rescale64

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        symmetric(source, source.inputs[0])
        geometry, weights, quantization, groups = read_grouped(source)
        out_channels = len(weights)
        scale = convolution_rescale(source, quantization, out_channels)
        return cls(geometry, weights, read_bias(source, out_channels), groups, scale)

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Row by row and tap by tap; float64 matrix products are exact here: sums stay far below 2^53."""
        g = self.geometry
        image = inputs[0].reshape(g.input_shape)
        depth, out_depth = self.weights.shape[3], len(self.weights) // self.groups
        total = np.zeros((len(rows), g.output_shape[2], len(self.weights)))
        batch, y = np.divmod(np.arange(rows.start, rows.stop), g.output_shape[1])
        x = np.arange(g.output_shape[2]) * g.stride[1] - g.left
        for i, j in np.ndindex(*g.kernel):
            lines = image_rows(image, batch, y * g.stride[0] + i * g.dilation[0] - g.top, 0)
            inside = (x + j * g.dilation[1] >= 0) & (x + j * g.dilation[1] < g.input_shape[2])
            seen = lines[:, x[inside] + j * g.dilation[1]]
            for k in range(self.groups):
                part = slice(k * out_depth, (k + 1) * out_depth)
                taps = self.weights[part, i, j].astype(np.float64)
                total[:, inside, part] += seen[..., k * depth : (k + 1) * depth] @ taps.T
        sums = total.astype(np.int64)
        return (self.rescale.apply(sums if self.bias is None else sums + self.bias),)
