"""Layers that combine frames position by position: they look along time only, never at neighbouring pixels.

All of them see T frames `[T, height, width, channels]` as the image `[1, T, height * width, channels]`: a reshape that
moves no data, after which they are plain 2-D operators with a window of T x 1.
"""

import jax
import jax.numpy as jnp
from jax import lax

from stjax.nn import history
from stjax.nn.functional import conv2d, depthwise_conv2d, from_time_image, time_image
from stjax.nn.layer import FrameShape, Live, State
from stjax.nn.time import TimeLayer
from stjax.nn.weights import Weighted


class TemporalConv(Weighted, TimeLayer):
    """StreamTinyNet's reorganisation and 1 x 1 temporal convolution.

    The paper splits T feature maps by channel, stacks the T maps of each channel, and runs a 1 x 1 convolution over
    each stack. Each output is thus a weighted sum of one channel at one position over T frames: a depthwise convolution
    with a T x 1 kernel. Kernel: `frames 1 1 channels * multiplier`, oldest frame first; output channel c reads input
    channel c // multiplier.

    Args:
      frames: T, the frames that one output reads.
      multiplier: outputs per channel.
      dilation: frames from one tap to the next.

    Reference: Shalby, Pavan and Roveri, "StreamTinyNet", 2024 (arXiv 2407.17524), temporal pipeline.
    """

    frames: int
    multiplier: int = 1
    dilation: int = 1

    @property
    def taps(self) -> int:
        return self.frames

    @property
    def spacing(self) -> int:
        return self.dilation

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return (*frame_shape[:-1], frame_shape[-1] * self.multiplier)

    def _valid(self, clip: jax.Array) -> jax.Array:
        channels = clip.shape[-1]
        kernel = self._kernel((self.frames, 1, 1, channels * self.multiplier))
        image = depthwise_conv2d(time_image(clip), kernel, dilation=(self.dilation, 1))
        # Bias and activation come before the reshape, where exporters fuse them with the convolution.
        return from_time_image(self._finish(image), clip.shape[1:-1])


class TemporalMix(Weighted, TimeLayer):
    """Convolution along time that mixes channels: the second half of a (2+1)-D convolution.

    Kernel: `frames 1 channels features`, oldest frame first.

    Args:
      features: output channels.
      frames: the frames that one output reads.
      dilation: frames from one tap to the next.
    """

    features: int
    frames: int = 3
    dilation: int = 1

    @property
    def taps(self) -> int:
        return self.frames

    @property
    def spacing(self) -> int:
        return self.dilation

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return (*frame_shape[:-1], self.features)

    def _valid(self, clip: jax.Array) -> jax.Array:
        kernel = self._kernel((self.frames, 1, clip.shape[-1], self.features))
        image = conv2d(time_image(clip), kernel, dilation=(self.dilation, 1))
        return from_time_image(self._finish(image), clip.shape[1:-1])


class TemporalPool(TimeLayer):
    """Mean or maximum of the last frames. Zeros before the first frame count as frames.

    The mean is a convolution with a constant kernel: that has an int8 operator for every T.

    Args:
      frames: how many frames one output reads.
      kind: "mean" or "max".
    """

    frames: int
    kind: str = "mean"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in ("mean", "max"):
            raise ValueError(f'{self.label}: kind "{self.kind}" is neither "mean" nor "max"')

    @property
    def taps(self) -> int:
        return self.frames

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return frame_shape

    def _valid(self, clip: jax.Array) -> jax.Array:
        channels = clip.shape[-1]
        if self.kind == "mean":
            kernel = jnp.full((self.frames, 1, 1, channels), 1 / self.frames, clip.dtype)
            image = depthwise_conv2d(time_image(clip), kernel)
        else:
            window = (1, self.frames, 1, 1)
            image = lax.reduce_window(time_image(clip), -jnp.inf, lax.max, window, (1, 1, 1, 1), "VALID")
        return from_time_image(self.tap("output", image), clip.shape[1:-1])


class TemporalShift(TimeLayer):
    """Takes some channels from an earlier frame: a look back in time without any arithmetic.

    The online form of the temporal shift module; the state holds the shifted channels only.

    Args:
      fraction: one channel in so many is shifted (the first ones, at least one).
      distance: how many frames ago the earlier frame was.

    Reference: Lin, Gan and Han, "TSM: Temporal Shift Module", 2019, section 4 (uni-directional).
    """

    fraction: int = 8
    distance: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.time == "centred" or self.fraction < 1:
            raise ValueError(
                f'{self.label}: fraction (={self.fraction}) must be at least 1, and time (="{self.time}") "causal" or '
                '"valid": the shift looks back only'
            )

    @property
    def taps(self) -> int:
        return 2

    @property
    def spacing(self) -> int:
        return self.distance

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return frame_shape

    def shifted(self, channels: int) -> int:
        """How many channels come from the earlier frame."""
        return max(1, channels // self.fraction)

    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        return super().init_state((*frame_shape[:-1], self.shifted(frame_shape[-1])), track)

    def _valid(self, clip: jax.Array) -> jax.Array:
        shifted = self.shifted(clip.shape[-1])
        return self._join(clip[: -self.distance, ..., :shifted], clip[self.distance :, ..., shifted:])

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        shifted = self.shifted(frame.shape[-1])
        state, window = history.push(state, frame[..., :shifted], live, self.masks)
        return state, self._join(window.frames[:1], frame[None, ..., shifted:])[0], self._live_output(window, live)

    def _join(self, old: jax.Array, new: jax.Array) -> jax.Array:
        return self.tap("output", jnp.concatenate([old, new], axis=-1))


class Delay(TimeLayer):
    """A delay line: the clip face changes nothing, streamed output is so many frames late.

    Containers make delays equal by themselves; this is for streams that must meet outside of them.

    Args:
      frames: the delay.
    """

    frames: int

    @property
    def taps(self) -> int:
        return self.frames + 1

    @property
    def delay_frames(self) -> int:
        return self.frames

    @property
    def warmup_frames(self) -> int:
        return 0

    @property
    def masks(self) -> bool:
        return False

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return frame_shape

    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        return history.empty(self.frames, frame_shape, track)

    def _clip(self, clip: jax.Array) -> jax.Array:
        return clip

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        state, window = history.push(state, frame, live, mask=False)
        return state, window.frames[0], live if window.live is None else window.live[0]
