"""A recurrent layer: what it remembers of all frames so far fits into one vector per position.

Every other layer of time here looks at a window. This one has none: a stream's output depends on all frames since the
stream began, a clip's on all frames of the clip. So both faces agree on a stream that begins with the clip, and a
network that answers from the last T frames alone is this layer on clips of T frames.

An exported clip model is unrolled. Its program of one frame, and its step model, keep what the clips that end with the
next T - 1 frames have come to, run the cell T times, and answer for the last T frames exactly.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import flax.linen as linen
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float, Int

from stjax.nn.layer import FrameShape, Layer, Live, State


class GRUState(NamedTuple):
    """What `GRU` remembers.

    Attributes:
      hidden: the last output; zeros before the first frame.
      seen: how many frames of the clip have come; None where no later layer asks which outputs mean something.
    """

    hidden: Float[Array, "*places units"]
    seen: Int[Array, ""] | None


class _Weights(NamedTuple):
    kernel: Float[Array, "channels columns"]
    bias: Float[Array, " columns"]
    recurrent_kernel: Float[Array, "units columns"]
    recurrent_bias: Float[Array, " columns"]


class GRU(Layer):
    """Gated recurrent unit over the channels of each position; over a whole frame after `Flatten`.

        update, reset = sigmoid of (kernel x + recurrent kernel hidden + biases), two thirds of the columns
        candidate     = tanh(kernel x + reset * (recurrent kernel hidden)), the last third, with biases
        hidden        = candidate + update * (hidden - candidate)

    Kernels: `channels 3 * units` and `units 3 * units`. What the gates read of frames is one product for all frames of
    a clip. The rest is written out frame by frame, because int8 runtimes have no loops: clips of hundreds of frames
    take long to compile.

    Quantization-aware training rounds both kernels and the layer's results; the gates' own results are rounded by the
    exporter only.

    Args:
      units: outputs per position.
      warmup: so many first outputs are left out of the clip face: with T - 1, a clip of T frames gives one answer.
      kernel_init: initializer of the kernel of frames; the recurrent one begins orthogonal.

    Reference: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", 2014; the reset gate acts on the
    product, as in cuDNN.
    """

    units: int
    warmup: int = 0
    kernel_init: Callable = linen.initializers.lecun_normal()

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.units < 1 or self.warmup < 0:
            raise ValueError(
                f"{self.label}: units (={self.units}) must be at least 1, and warmup (={self.warmup}) at least 0"
            )

    @property
    def warmup_frames(self) -> int:
        return self.warmup

    @property
    def masks(self) -> bool:
        return True

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return (*frame_shape[:-1], self.units)

    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        counts = track and self.warmup > 0
        return GRUState(jnp.zeros(self.output_shape(frame_shape)), jnp.zeros((), jnp.int32) if counts else None)

    def _clip(self, clip: jax.Array) -> jax.Array:
        if len(clip) <= self.warmup:
            raise ValueError(
                f"{self.label}: {len(clip)} frames are too few; its warm-up needs at least {self.warmup + 1}"
            )
        places = clip.shape[1:-1]
        weights = self._weights(clip.shape[-1])
        own = self._of_frames(clip, weights)
        hidden, outputs = None, []
        for t in range(len(clip)):
            hidden = self._next(lax.index_in_dim(own, t, keepdims=False), hidden, weights)
            outputs.append(hidden[None])
        found = jnp.concatenate(outputs[self.warmup :]) if len(outputs) > self.warmup + 1 else outputs[-1]
        return self.tap("output", found).reshape(-1, *places, self.units)

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        weights = self._weights(frame.shape[-1])
        before = state.hidden.reshape(-1, self.units)
        hidden = self.tap("output", self._next(self._of_frames(frame[None], weights)[0], before, weights))
        if live is not True:
            hidden = jnp.where(live, hidden, before)
        hidden = hidden.reshape(state.hidden.shape)
        if state.seen is None:
            return GRUState(hidden, None), hidden, live
        seen = state.seen + jnp.asarray(live, jnp.int32)
        return GRUState(hidden, seen), hidden, jnp.logical_and(live, seen > self.warmup)

    def _weights(self, channels: int) -> _Weights:
        columns, zeros = 3 * self.units, linen.initializers.zeros_init()
        own = self.param("kernel", self.kernel_init, (channels, columns))
        recurrent = self.param("recurrent_kernel", linen.initializers.orthogonal(), (self.units, columns))
        return _Weights(
            self.tap("kernel", jnp.asarray(own)),
            self.param("bias", zeros, (columns,)),
            self.tap("kernel", jnp.asarray(recurrent)),
            self.param("recurrent_bias", zeros, (columns,)),
        )

    def _of_frames(self, clip: jax.Array, weights: _Weights) -> jax.Array:
        """What the gates read of the frames alone: [time, positions, 3 * units]."""
        time, *places, channels = clip.shape
        rows = clip.reshape(-1, channels) @ weights.kernel + weights.bias
        return rows.reshape(time, math.prod(places), 3 * self.units)

    def _next(self, own: jax.Array, hidden: jax.Array | None, weights: _Weights) -> jax.Array:
        """The next hidden state, [positions, units]; before the first frame it is None, which stands for zeros."""
        bias, units = weights.recurrent_bias, self.units
        past = jnp.broadcast_to(bias, own.shape) if hidden is None else hidden @ weights.recurrent_kernel + bias
        gates = linen.sigmoid(own[:, : 2 * units] + past[:, : 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        candidate = linen.tanh(own[:, 2 * units :] + reset * past[:, 2 * units :])
        return candidate - update * candidate if hidden is None else candidate + update * (hidden - candidate)
