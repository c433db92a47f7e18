"""Layers of single frames that are no convolutions: pooling, flattening, dense, dropout."""

import math

import jax
import jax.numpy as jnp
from jax import lax

from stjax.nn.functional import Pair, mean_pool, output_size, pair
from stjax.nn.layer import FrameLayer, FrameShape, image_shape
from stjax.nn.weights import Weighted


class Pool(FrameLayer):
    """Maximum or mean over windows of a frame, without padding.

    Args:
      window: height and width.
      kind: "max" or "mean".
      stride: positions from one window to the next; None is the window's size.
    """

    window: int | Pair = 2
    kind: str = "max"
    stride: int | Pair | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.kind not in ("mean", "max"):
            raise ValueError(f'{self.label}: kind "{self.kind}" is neither "mean" nor "max"')

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        height, width, channels = image_shape(self, frame_shape)
        try:
            size = output_size((height, width), pair(self.window), self._stride(), (1, 1), ((0, 0), (0, 0)))
        except ValueError as error:
            raise ValueError(f"{self.label}: {error}") from None
        return (*size, channels)

    def _stride(self) -> Pair:
        return pair(self.window if self.stride is None else self.stride)

    def _frames(self, frames: jax.Array) -> jax.Array:
        if self.kind == "mean":
            return self.tap("output", mean_pool(frames, pair(self.window), self._stride()))
        window, stride = (1, *pair(self.window), 1), (1, *self._stride(), 1)
        return self.tap("output", lax.reduce_window(frames, -jnp.inf, lax.max, window, stride, "VALID"))


class GlobalPool(FrameLayer):
    """Mean over height and width: `[height, width, channels]` to `[channels]`."""

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return image_shape(self, frame_shape)[2:]

    def _frames(self, frames: jax.Array) -> jax.Array:
        # As a pooling window over the whole frame, because the sum that `mean` becomes has no int8 operator.
        size = (frames.shape[1], frames.shape[2])
        return self.tap("output", mean_pool(frames, size, size)[:, 0, 0])


class Flatten(FrameLayer):
    """Any frame to one axis, row by row."""

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return (math.prod(frame_shape),)

    def _frames(self, frames: jax.Array) -> jax.Array:
        return frames.reshape(len(frames), -1)


class Dense(Weighted, FrameLayer):
    """Matrix product with flat frames. Kernel: `inputs features`.

    Args:
      features: outputs.
    """

    features: int

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        if len(frame_shape) != 1:
            raise ValueError(f"{self.label}: takes frames with one axis, found shape {frame_shape}; flatten them first")
        return (self.features,)

    def _frames(self, frames: jax.Array) -> jax.Array:
        return self._finish(frames @ self._kernel((frames.shape[-1], self.features)))


class Dropout(FrameLayer):
    """Zeroes a share of the elements while training; the rest grows to keep the mean.

    Active when `apply` gets a random key named "dropout", so nothing has to be passed through the layers.

    Args:
      rate: share that is zeroed, 0 <= rate < 1.
    """

    rate: float

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return frame_shape

    def _frames(self, frames: jax.Array) -> jax.Array:
        if self.rate == 0 or not self.has_rng("dropout"):
            return frames
        keep = jax.random.bernoulli(self.make_rng("dropout"), 1 - self.rate, frames.shape)
        return jnp.where(keep, frames / (1 - self.rate), jnp.zeros_like(frames))
