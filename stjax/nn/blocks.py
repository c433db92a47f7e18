"""Blocks of networks: inverted residual and squeeze-excite of frames, dilated residual block of time."""

from typing import Any

import jax

from stjax.nn.activations import activation_function
from stjax.nn.compose import Composite, Residual, Sequential
from stjax.nn.conv import Conv, DepthwiseConv
from stjax.nn.functional import Padding, Pair, mean_pool, pair
from stjax.nn.layer import FrameLayer, FrameShape, Layer, image_shape
from stjax.nn.temporal import TemporalConv, TemporalMix
from stjax.nn.time import TimeMode


class SqueezeExcite(FrameLayer):
    """Scales each channel by a gate in 0 to 1, computed from the means of all channels.

    Args:
      reduction: the hidden layer has channels // reduction channels, at least one.
      gate: activation of the gate.

    Reference: Hu et al., "Squeeze-and-Excitation Networks", 2018.
    """

    reduction: int = 4
    gate: str = "sigmoid"

    def __post_init__(self) -> None:
        super().__post_init__()
        activation_function(self.gate)

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return image_shape(self, frame_shape)

    def _frames(self, frames: jax.Array) -> jax.Array:
        channels = frames.shape[-1]
        size = (frames.shape[1], frames.shape[2])
        means = mean_pool(frames, size, size)
        hidden = Conv(max(1, channels // self.reduction), 1, activation="relu", name="squeeze").clip(means)
        gates = Conv(channels, 1, activation=self.gate, name="excite").clip(hidden)
        return self.tap("output", frames * gates)


class InvertedResidual(Composite):
    """MobileNetV2's block: 1 x 1 expansion, depthwise convolution, linear 1 x 1 projection, and a shortcut.

    Args:
      features: output channels.
      kernel: taps of the depthwise convolution, height and width.
      stride: of the depthwise convolution.
      expansion: channels inside, as a multiple of the input's; at 1 there is no expansion layer.
      hidden: channels inside, as a number; overrides `expansion`.
      dilation, padding: of the depthwise convolution.
      shortcut: add the input; None does so where stride is 1 and the channels agree.
      temporal: a layer in front of the expansion, inside the shortcut, such as a `TemporalShift`.
      squeeze_excite: reduction of a squeeze-excite after the depthwise convolution; None has none.
      batch_norm: after each convolution.
      activation: after expansion and depthwise convolution; the projection is linear.

    Reference: Sandler et al., "MobileNetV2", 2018, section 3.
    """

    features: int
    kernel: int | Pair = 3
    stride: int | Pair = 1
    expansion: int = 6
    hidden: int | None = None
    dilation: int | Pair = 1
    padding: Padding = "same"
    shortcut: bool | None = None
    temporal: Layer | None = None
    squeeze_excite: int | None = None
    batch_norm: bool = False
    activation: str = "relu6"

    def network(self, channels: int) -> Layer:
        hidden = channels * self.expansion if self.hidden is None else self.hidden
        style: dict[str, Any] = {"batch_norm": self.batch_norm}
        active = {"activation": self.activation, **style}
        layers: list[Layer] = [] if self.temporal is None else [self.temporal]
        if hidden != channels:
            layers.append(Conv(hidden, 1, name="expand", **active))
        window: dict[str, Any] = {"stride": self.stride, "dilation": self.dilation, "padding": self.padding}
        layers.append(DepthwiseConv(self.kernel, name="depthwise", **window, **active))
        if self.squeeze_excite is not None:
            layers.append(SqueezeExcite(self.squeeze_excite, name="squeeze_excite"))
        layers.append(Conv(self.features, 1, name="project", **style))
        matches = pair(self.stride) == (1, 1) and channels == self.features
        shortcut = matches if self.shortcut is None else self.shortcut
        return Residual(Sequential(tuple(layers))) if shortcut else Sequential(tuple(layers))


class TCNBlock(Composite):
    """A dilated convolution along time, an activation, a linear 1 x 1 mixture of channels, and a shortcut.

    Blocks whose dilations double see twice as far with each block. Frames may be images, of which every position is
    treated by itself, or flat. Without padding (`time="valid"`) the shortcut takes the newest frame of each window.

    Args:
      features: output channels. Where they are not the input's, a 1 x 1 mixture leads around the block.
      frames: taps of the convolution along time.
      dilation: frames from one tap to the next.
      time: "causal", "centred" or "valid".
      depthwise: channels meet in the 1 x 1 mixture only; else in the convolution along time, too.
      batch_norm: after both.
      activation: between the two.

    Reference: Bai, Kolter and Koltun, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for
    Sequence Modeling", 2018; the block with one dilated convolution is that of Farha and Gall, "MS-TCN", 2019.
    """

    features: int
    frames: int = 2
    dilation: int = 1
    time: TimeMode = "causal"
    depthwise: bool = False
    batch_norm: bool = False
    activation: str | None = "relu"

    def network(self, channels: int) -> Layer:
        style: dict[str, Any] = {"time": self.time, "batch_norm": self.batch_norm, "activation": self.activation}
        if self.depthwise:
            look: Layer = TemporalConv(self.frames, 1, self.dilation, name="dilated", **style)
        else:
            look = TemporalMix(self.features, self.frames, self.dilation, name="dilated", **style)
        mix = TemporalMix(self.features, 1, batch_norm=self.batch_norm, name="mix")
        around = None if channels == self.features else TemporalMix(self.features, 1, name="around")
        return Residual(Sequential((look, mix)), around)
