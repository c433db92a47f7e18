"""Two-dimensional convolutions of single frames: full, depthwise, separable; each with stride and dilation."""

import jax

from stjax.nn.compose import Composite, Sequential
from stjax.nn.functional import Padding, Pair, Sides, conv2d, depthwise_conv2d, output_size, pair, resolve_padding
from stjax.nn.layer import FrameLayer, FrameShape, Layer, image_shape
from stjax.nn.weights import Weighted


class Conv2DBase(Weighted, FrameLayer, kw_only=True):
    """Window geometry that 2-D convolutions share; an int stands for both of height and width.

    Args:
      stride: positions from one output to the next.
      dilation: positions from one tap to the next.
      padding: "same", "valid", "symmetric", or ((top, bottom), (left, right)).
    """

    stride: int | Pair = 1
    dilation: int | Pair = 1
    padding: Padding = "same"

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        height, width, channels = image_shape(self, frame_shape)
        return (*self._output_size((height, width)), self._features(channels))

    def _features(self, channels: int) -> int:
        raise NotImplementedError

    def _window(self) -> Pair:
        raise NotImplementedError

    def _sides(self, size: Pair) -> Sides:
        return resolve_padding(self.padding, size, self._window(), pair(self.stride), pair(self.dilation))

    def _output_size(self, size: Pair) -> Pair:
        try:
            sides = self._sides(size)
            return output_size(size, self._window(), pair(self.stride), pair(self.dilation), sides)
        except ValueError as error:
            raise ValueError(f"{self.label}: {error}") from None

    def _geometry(self, frames: jax.Array) -> tuple[Pair, Pair, Sides]:
        """Stride, dilation and padding on frames of this size."""
        sides = self._sides((frames.shape[1], frames.shape[2]))
        return pair(self.stride), pair(self.dilation), sides


class Conv(Conv2DBase):
    """2-D convolution of each frame. Kernel: `kernel_height kernel_width channels features`.

    Args:
      features: output channels.
      kernel: taps, height and width.
    """

    features: int
    kernel: int | Pair = 3

    def _features(self, channels: int) -> int:
        return self.features

    def _window(self) -> Pair:
        return pair(self.kernel)

    def _frames(self, frames: jax.Array) -> jax.Array:
        kernel = self._kernel((*self._window(), frames.shape[-1], self.features))
        return self._finish(conv2d(frames, kernel, *self._geometry(frames)))


class DepthwiseConv(Conv2DBase):
    """2-D convolution of each frame, each channel by itself. Kernel: `kernel_height kernel_width 1 features`.

    Output channel c reads input channel c // multiplier.

    Args:
      kernel: taps, height and width.
      multiplier: output channels per input channel.
    """

    kernel: int | Pair = 3
    multiplier: int = 1

    def _features(self, channels: int) -> int:
        return channels * self.multiplier

    def _window(self) -> Pair:
        return pair(self.kernel)

    def _frames(self, frames: jax.Array) -> jax.Array:
        channels = frames.shape[-1]
        kernel = self._kernel((*self._window(), 1, channels * self.multiplier))
        return self._finish(depthwise_conv2d(frames, kernel, *self._geometry(frames)))


class SeparableConv(Composite):
    """Depthwise convolution, then a 1 x 1 convolution: about 1 / kernel^2 of the full convolution's work.

    Args:
      features: output channels.
      kernel, stride, dilation, padding: of the depthwise convolution.
      batch_norm: of both.
      middle_activation: between the two.
      activation: after both.

    Reference: Howard et al., "MobileNets", 2017, section 3.1.
    """

    features: int
    kernel: int | Pair = 3
    stride: int | Pair = 1
    dilation: int | Pair = 1
    padding: Padding = "same"
    batch_norm: bool = False
    middle_activation: str | None = None
    activation: str | None = None

    def network(self, channels: int) -> Layer:
        depthwise = DepthwiseConv(
            self.kernel,
            stride=self.stride,
            dilation=self.dilation,
            padding=self.padding,
            batch_norm=self.batch_norm,
            activation=self.middle_activation,
            name="depthwise",
        )
        pointwise = Conv(self.features, 1, batch_norm=self.batch_norm, activation=self.activation, name="pointwise")
        return Sequential((depthwise, pointwise))
