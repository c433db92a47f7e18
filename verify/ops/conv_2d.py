"""CONV_2D on int8 images, with groups: weights `[out_channels, kernel_h, kernel_w, in_channels / groups]`.

Sources: tensorflow/lite/kernels/internal/reference/integer_ops/conv.h (ConvPerChannel);
tensorflow/lite/micro/kernels/conv_common.cc.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.ops.base import Defaults, OperatorSource
from verify.ops.channels import Channels, Gone, Leaving, alike, foldable, folded, nothing, others, sums_of_channels
from verify.ops.geometry import ImageWindow
from verify.ops.grouped import Grouped, image_rows, read_grouped
from verify.ops.weights import (
    Rescale,
    convolution_rescale,
    int8_scale,
    read_bias,
)
from verify.ops.windowed import Convolution


@dataclass(frozen=True, eq=False)
class Conv2D(Grouped, Convolution, Defaults):
    """A 2-D convolution.

    Args:
      geometry: window and padding.
      weights: int8 [out_channels, kernel_h, kernel_w, in_channels / groups], zero point 0.
      bias: int32 [out_channels], or None.
      groups: in and out channels are split into this many parts that do not mix.
      input_zero_point: stored value of zero, and of padding.
      rescale: one entry per output channel.
    """

    kind: ClassVar[str] = "CONV_2D"

    geometry: ImageWindow
    weights: np.ndarray
    bias: np.ndarray | None
    groups: int
    input_zero_point: int
    rescale: Rescale

    @classmethod
    def from_tflite(cls, source: OperatorSource) -> Self:
        _, input_zero_point = int8_scale(source, source.inputs[0])
        geometry, weights, quantization, groups = read_grouped(source)
        out_channels = len(weights)
        bias = read_bias(source, out_channels)
        scale = convolution_rescale(source, quantization, out_channels)
        return cls(geometry, weights, bias, groups, input_zero_point, scale)

    @property
    def by_input(self) -> np.ndarray:
        """The weights as [out_channels, in_channels / groups, kernel_h * kernel_w]."""
        return np.moveaxis(self.weights, 3, 1).reshape(len(self.weights), self.weights.shape[3], -1)

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels:
        """With groups, all inputs of one interval: which output reads which of them is not looked at."""
        operand = operands[0] if self.groups == 1 else alike(operands[0].hull, self.weights.shape[3])
        sums = sums_of_channels(self.by_input, operand, self.input_zero_point, self.padding is not None)
        return self.rescale.channel_ranges(sums, self.bias)

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        if self.groups > 1:
            return nothing(operands)
        kept = self.by_input[others(len(self.weights), results)]
        return (foldable(kept, operands[0], self.input_zero_point, self.padding is not None),), results

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        (gone,) = operands
        if self.leaving(operands, results) != ((gone.keys(),), results):
            return None
        kept, read = others(len(self.weights), results), others(self.weights.shape[3], gone)
        bias = None if self.bias is None else self.bias[kept]
        return replace(
            self,
            geometry=self.geometry.without(gone.keys(), results),
            weights=np.ascontiguousarray(self.weights[kept][..., read]),
            bias=folded(self.by_input[kept], bias, gone, self.input_zero_point),
            rescale=self.rescale.kept(kept),
        )

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """Shifts the image under each tap in turn; padding is made of explicit zeros.

        Float64 matrix products are exact here: sums stay far below 2^53.
        """
        g = self.geometry
        image = inputs[0].reshape(g.input_shape)
        out_height, out_width = g.output_shape[1:3]
        batch, y = np.divmod(np.arange(rows.start, rows.stop), out_height)
        depth, out_depth = self.weights.shape[3], len(self.weights) // self.groups
        total = np.zeros((len(rows), out_width, len(self.weights)))
        for i in range(g.kernel[0]):
            lines = image_rows(image, batch, y * g.stride[0] + i * g.dilation[0] - g.top, self.input_zero_point)
            lines = np.pad(lines, ((0, 0), (g.left, g.right), (0, 0)))
            for j in range(g.kernel[1]):
                first = j * g.dilation[1]
                columns = lines[:, first : first + (out_width - 1) * g.stride[1] + 1 : g.stride[1]]
                for k in range(self.groups):
                    taps = self.weights[k * out_depth : (k + 1) * out_depth, i, j].astype(np.float64)
                    total[..., k * out_depth : (k + 1) * out_depth] += (
                        columns[..., k * depth : (k + 1) * depth] @ taps.T
                    )
        sums = total.astype(np.int64)
        return (self.rescale.apply(sums if self.bias is None else sums + self.bias),)
