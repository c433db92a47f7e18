"""Convolutions over time, height and width: full, (2+1)-D and depthwise-separable.

int8 runtimes have no 3-D convolution. These layers use 2-D ones with time for the batch axis: the frames that one
output reads lie beside each other in the channels (full), are convolved each by itself and added (depthwise), or are an
image with time for its height ((2+1)-D).
"""

import jax
import jax.numpy as jnp

from stjax.nn.compose import Composite, Sequential
from stjax.nn.conv import Conv
from stjax.nn.functional import (
    Padding,
    Pair,
    Sides,
    conv2d,
    depthwise_conv2d,
    output_size,
    pair,
    resolve_padding,
    taps_of,
)
from stjax.nn.layer import FrameShape, Layer, image_shape
from stjax.nn.temporal import TemporalMix
from stjax.nn.time import TimeLayer, TimeMode
from stjax.nn.weights import Weighted

# An int stands for all of time, height and width.
Triple = tuple[int, int, int]


def triple(value: int | Triple) -> Triple:
    """One number for all of time, height and width, or three."""
    if isinstance(value, int):
        return value, value, value
    time, height, width = value
    return time, height, width


class Conv3DBase(Weighted, TimeLayer, kw_only=True):
    """Window geometry that 3-D convolutions share.

    Args:
      stride: positions from one output to the next, height and width. There is one output for every frame.
      dilation: positions from one tap to the next: time, height, width.
      padding: of height and width, as in `Conv`; `time` says it for time.
    """

    stride: int | Pair = 1
    dilation: int | Triple = 1
    padding: Padding = "same"

    @property
    def taps(self) -> int:
        return self._window()[0]

    @property
    def spacing(self) -> int:
        return triple(self.dilation)[0]

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        height, width, channels = image_shape(self, frame_shape)
        try:
            sides = self._sides((height, width))
            size = output_size((height, width), self._window()[1:], pair(self.stride), triple(self.dilation)[1:], sides)
        except ValueError as error:
            raise ValueError(f"{self.label}: {error}") from None
        return (*size, self._features(channels))

    def _features(self, channels: int) -> int:
        raise NotImplementedError

    def _window(self) -> Triple:
        raise NotImplementedError

    def _sides(self, size: Pair) -> Sides:
        dilation = triple(self.dilation)[1:]
        return resolve_padding(self.padding, size, self._window()[1:], pair(self.stride), dilation)

    def _geometry(self, frames: jax.Array) -> tuple[Pair, Pair, Sides]:
        """Stride, dilation and padding of height and width on frames of this size."""
        sides = self._sides((frames.shape[1], frames.shape[2]))
        return pair(self.stride), triple(self.dilation)[1:], sides


class Conv3D(Conv3DBase):
    """Full 3-D convolution. Kernel: `kernel_height kernel_width frames channels features`, oldest frame first.

    Args:
      features: output channels.
      kernel: taps: time, height, width.
    """

    features: int
    kernel: int | Triple = 3

    def _features(self, channels: int) -> int:
        return self.features

    def _window(self) -> Triple:
        return triple(self.kernel)

    def _valid(self, clip: jax.Array) -> jax.Array:
        time, height, width = self._window()
        channels = clip.shape[-1]
        kernel = self._kernel((height, width, time, channels, self.features))
        stacked = taps_of(clip, time, self.spacing)
        frames = jnp.concatenate(stacked, axis=-1) if time > 1 else clip
        flat = kernel.reshape(height, width, time * channels, self.features)
        return self._finish(conv2d(frames, flat, *self._geometry(frames)))


class DepthwiseConv3D(Conv3DBase):
    """3-D convolution of each channel by itself. Kernel: `kernel_height kernel_width frames channels`.

    Args:
      kernel: taps: time, height, width.
    """

    kernel: int | Triple = 3

    def _features(self, channels: int) -> int:
        return channels

    def _window(self) -> Triple:
        return triple(self.kernel)

    def _valid(self, clip: jax.Array) -> jax.Array:
        time, height, width = self._window()
        channels = clip.shape[-1]
        kernel = self._kernel((height, width, time, channels))
        parts = [
            depthwise_conv2d(frames, kernel[:, :, i : i + 1], *self._geometry(frames))
            for i, frames in enumerate(taps_of(clip, time, self.spacing))
        ]
        return self._finish(*parts)


class SeparableConv3D(Composite):
    """Depthwise 3-D convolution, then a 1 x 1 x 1 convolution.

    Args:
      features: output channels.
      kernel, stride, dilation, padding, time: of the depthwise convolution.
      batch_norm: of both.
      middle_activation: between the two.
      activation: after both.
    """

    features: int
    kernel: int | Triple = 3
    stride: int | Pair = 1
    dilation: int | Triple = 1
    padding: Padding = "same"
    time: TimeMode = "causal"
    batch_norm: bool = False
    middle_activation: str | None = None
    activation: str | None = None

    def network(self, channels: int) -> Layer:
        depthwise = DepthwiseConv3D(
            self.kernel,
            stride=self.stride,
            dilation=self.dilation,
            padding=self.padding,
            time=self.time,
            batch_norm=self.batch_norm,
            activation=self.middle_activation,
            name="depthwise",
        )
        pointwise = Conv(self.features, 1, batch_norm=self.batch_norm, activation=self.activation, name="pointwise")
        return Sequential((depthwise, pointwise))


class Conv2Plus1D(Composite):
    """A 2-D convolution of each frame, then a convolution along time.

    Args:
      features: output channels.
      kernel: taps: time, height, width.
      middle: channels between the two; None takes as many as give the parameters of the full 3-D convolution.
      stride, padding: of the 2-D convolution.
      dilation: time, height, width.
      time: of the convolution along time.
      batch_norm: of both.
      middle_activation: between the two.
      activation: after both.

    Reference: Tran et al., "A Closer Look at Spatiotemporal Convolutions", 2018, section 3.5.
    """

    features: int
    kernel: int | Triple = 3
    middle: int | None = None
    stride: int | Pair = 1
    dilation: int | Triple = 1
    padding: Padding = "same"
    time: TimeMode = "causal"
    batch_norm: bool = False
    middle_activation: str | None = "relu"
    activation: str | None = None

    def middle_channels(self, channels: int) -> int:
        """Channels between the two convolutions, for frames with `channels` channels."""
        if self.middle is not None:
            return self.middle
        time, height, width = triple(self.kernel)
        area = height * width
        return max(1, time * area * channels * self.features // (area * channels + time * self.features))

    def network(self, channels: int) -> Layer:
        time, *window = triple(self.kernel)
        time_dilation, *dilation = triple(self.dilation)
        spatial = Conv(
            self.middle_channels(channels),
            pair(window),
            stride=self.stride,
            dilation=pair(dilation),
            padding=self.padding,
            batch_norm=self.batch_norm,
            activation=self.middle_activation,
            name="spatial",
        )
        temporal = TemporalMix(
            self.features,
            time,
            time_dilation,
            time=self.time,
            batch_norm=self.batch_norm,
            activation=self.activation,
            name="temporal",
        )
        return Sequential((spatial, temporal))
