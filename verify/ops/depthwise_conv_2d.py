"""DEPTHWISE_CONV_2D on int8 images: weights `[1, kernel_h, kernel_w, in_channels * depth_multiplier]`.

Output channel c reads input channel c // depth_multiplier. The multiplier is taken from the shapes, as TFLM does; the
option of the same name must agree. With a row stride of s there is another form of it, of s operands, each the rows of
one phase of the image (y mod s).

Sources: tensorflow/lite/kernels/internal/reference/integer_ops/depthwise_conv.h (DepthwiseConvPerChannel);
tensorflow/lite/micro/kernels/depthwise_conv_common.cc.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from verify.graph.tensor import Axis, Quantization
from verify.graph.window import Padding, Window
from verify.ops.arithmetic import Intermediate, Stored
from verify.ops.base import Defaults, OperatorSource, UnsupportedError
from verify.ops.channels import Channels, Gone, Leaving, nothing, others, sums_of_channels, together
from verify.ops.geometry import ImageWindow
from verify.ops.operand_checks import integer_option
from verify.ops.weights import (
    Rescale,
    convolution_rescale,
    int8_scale,
    read_bias,
    read_weights,
)
from verify.ops.windowed import Convolution, Windowed


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


@dataclass(frozen=True, eq=False)
class DepthwisePhases(Defaults):
    """A depthwise convolution of which operand p holds rows p, p + phases, p + 2 * phases, ... of the image.

    Args:
      whole: the convolution over the whole image, with a row stride of `phases` and one output per channel.
      phases: how many operands there are.
    """

    kind: ClassVar[str] = DepthwiseConv2D.kind

    whole: DepthwiseConv2D
    phases: int

    @property
    def operands(self) -> tuple[int, ...]:
        return tuple(range(self.phases))

    def taps_of(self, phase: int) -> range:
        """The rows of taps that lie on rows of a phase."""
        g = self.whole.geometry
        return range((g.top + phase) % self.phases, g.kernel[0], self.phases)

    def window(self, position: int, axis: Axis) -> Window | None:
        if axis is not Axis.HEIGHT:
            return self.whole.window(0, axis)
        rows = self.taps_of(position)
        return Window(len(rows), 1, 1, (self.whole.geometry.top + position - rows[0]) // self.phases)

    @property
    def row_wise(self) -> bool:
        return True

    @property
    def tile_wise(self) -> bool:
        return self.whole.tile_wise

    @property
    def channel_wise(self) -> bool:
        return self.whole.channel_wise

    @property
    def macs(self) -> int:
        return self.whole.macs

    @property
    def constants(self) -> Mapping[str, np.ndarray]:
        return self.whole.constants

    @property
    def padding(self) -> Padding | None:
        return self.whole.padding

    @property
    def padding_zero(self) -> int:
        return self.whole.padding_zero

    def stored(self, operands: Sequence[Stored]) -> Stored:
        return self.whole.stored(operands)

    def intermediates(self, operands: Sequence[Stored]) -> tuple[Intermediate, ...]:
        lows, highs = zip(*operands, strict=True)
        return self.whole.intermediates([(min(lows), max(highs))])

    def channel_ranges(self, operands: Sequence[Channels]) -> Channels:
        lows, highs = ([getattr(x, end) for x in operands] for end in ("low", "high"))
        return self.whole.channel_ranges([Channels(np.min(lows, axis=0), np.max(highs, axis=0))])

    def leaving(self, operands: Sequence[Gone], results: Set[int]) -> Leaving:
        return together(operands, results)

    def without(self, operands: Sequence[Gone], results: Set[int]) -> Self | None:
        whole = self.whole.without(operands[:1], results)
        same = all(gone.keys() == results for gone in operands)
        return replace(self, whole=whole) if whole is not None and same else None

    def reference(self, inputs: Sequence[np.ndarray], rows: range) -> tuple[np.ndarray, ...]:
        """That of the whole image, whose rows are put where they were."""
        image = np.empty(self.whole.geometry.input_shape, np.int8)
        for phase, part in enumerate(inputs):
            image[:, phase :: self.phases] = part
        return self.whole.reference([image], rows)
