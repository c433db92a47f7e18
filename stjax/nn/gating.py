"""Task dropping: work that a stream leaves out when a frame brings nothing new, or when the answer is clear early.

These layers decide frame by frame, on values, so what a frame costs is not known beforehand: `stjax.cost` counts the
frame that leaves out nothing. Under `jax.vmap` both ways are computed and one is chosen, which gives the same results
and saves nothing. An exported model has no such branches: export the network inside. The C generated from it offers
`stj_model_repeat_frame` where the spatial part has no memory of its own: the caller says that a frame repeats the one
before, and the results are those of threshold 0, bit for bit. With `--reuse-rows` it also offers
`stj_model_push_frame_rows`, for frames that changed in some rows only, which `RowGate` finds as firmware does.
"""

import math
from typing import NamedTuple

import flax.linen as linen
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from stjax.nn.layer import AnyArray, FrameShape, Layer, Live, State, image_shape


class GateState(NamedTuple):
    """What `Gated` remembers.

    Attributes:
      frame: the last frame that was computed; infinite before the first.
      features: what `inner` made of it.
      computed, skipped: how many frames of the stream were and were not computed so far.
      inner: the state of `inner`: no arrays.
    """

    frame: Float[Array, "*frame"]
    features: Float[Array, "*frame_out"]
    computed: Int[Array, ""]
    skipped: Int[Array, ""]
    inner: State


class Gated(Layer):
    """A network of single frames that is not run while the picture hardly changes: the last features are used again.

    Streamed, `inner` is skipped (`lax.cond`) if the mean absolute difference between the frame and the last frame that
    was computed is at most `threshold`. A slow drift therefore adds up until it counts. With threshold 0 only frames
    equal to that one are skipped, and the outputs are exactly those of `inner`. A higher threshold never computes a
    frame that threshold 0 skips.

    The clip face computes all frames and takes the features that a stream would: it serves training and comparison.
    In firmware the caller compares frames, and instead of computing one calls `stj_model_repeat_frame`.

    Parameters of `inner` stand under its name, or under `inner` if it has none.

    Args:
      inner: a layer or model without memory: no layer that looks along time, no gate.
      threshold: in units of the frame's values, at least 0 and finite.

    Reference: Cavigelli, Degen and Benini, "CBinfer", 2017 (arXiv 1704.04313); there by pixels, here by frames.
    """

    inner: Layer
    threshold: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.threshold >= 0 and math.isfinite(self.threshold)):
            raise ValueError(f"{self.label}: threshold (={self.threshold}) must be finite and at least 0")
        _check_memoryless(self, self.inner, "inner")

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return self.inner.output_shape(frame_shape)

    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        none = jnp.zeros((), jnp.int32)
        features = jnp.zeros(self.inner.output_shape(frame_shape))
        # Nothing is within any threshold of infinity: the first frame is computed.
        return GateState(
            jnp.full(frame_shape, jnp.inf), features, none, none, _empty_state(self, self.inner, frame_shape)
        )

    def computed(self, clip: Float[AnyArray, " time *frame"]) -> Bool[Array, " time"]:
        """Which frames of a clip a stream would compute. Needs no parameters."""

        def advance(last: jax.Array, frame: jax.Array) -> tuple[jax.Array, jax.Array]:
            changed = self._changed(frame, last)
            return jnp.where(changed, frame, last), changed

        clip = jnp.asarray(clip)
        return lax.scan(advance, jnp.full(clip.shape[1:], jnp.inf, clip.dtype), clip)[1]

    def _clip(self, clip: jax.Array) -> jax.Array:
        source = lax.cummax(jnp.where(self.computed(clip), jnp.arange(len(clip)), 0))
        return jnp.take(self.inner.clip(clip), source, axis=0)

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        def compute(inner: Layer, frame: jax.Array, features: jax.Array) -> jax.Array:
            return inner.step(state.inner, frame)[1]

        def reuse(inner: Layer, frame: jax.Array, features: jax.Array) -> jax.Array:
            return features

        if self.is_initializing():  # Flax creates no parameters inside a branch.
            return state, compute(self.inner, frame, state.features), live
        changed = self._changed(frame, state.frame)
        features = linen.cond(changed, compute, reuse, self.inner, frame, state.features)
        after = GateState(
            frame=jnp.where(changed, frame, state.frame),
            features=features,
            computed=state.computed + changed,
            skipped=state.skipped + ~changed,
            inner=state.inner,
        )
        return after, features, live

    def _changed(self, frame: jax.Array, last: jax.Array) -> jax.Array:
        if self.threshold == 0:
            return (frame != last).any()  # a mean of tiny differences may round to 0
        # Negated, so that a frame with NaN counts as changed.
        return ~(jnp.abs(frame - last).mean() <= self.threshold)


class RowGateState(NamedTuple):
    """What `RowGate` remembers.

    Attributes:
      frame: the last frame that it let through; infinite before the first.
      rows: how many rows of the stream it let through anew so far.
    """

    frame: Float[Array, "height width channels"]
    rows: Int[Array, ""]


class RowGate(Layer):
    """Holds rows back that hardly changed: a frame, of which rows outside some interval are those of the frame before.

    The interval goes from the first to the last row in which a value differs by more than `tolerance` from the frame
    that was let through before. It is that of `stj_changed_rows` in firmware, whose `stj_model_push_frame_rows` then
    computes only what depends on these rows. With tolerance 0 frames pass unchanged. Put it first in a network.

    Args:
      tolerance: in units of the frame's values, at least 0 and finite.
    """

    tolerance: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.tolerance >= 0 and math.isfinite(self.tolerance)):
            raise ValueError(f"{self.label}: tolerance (={self.tolerance}) must be finite and at least 0")

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return image_shape(self, frame_shape)

    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        return RowGateState(jnp.full(self.output_shape(frame_shape), jnp.inf), jnp.zeros((), jnp.int32))

    def _clip(self, clip: jax.Array) -> jax.Array:
        self.output_shape(clip.shape[1:])

        def advance(last: jax.Array, frame: jax.Array) -> tuple[jax.Array, jax.Array]:
            held = self._held(last, frame)[0]
            return held, held

        return lax.scan(advance, jnp.full(clip.shape[1:], jnp.inf, clip.dtype), clip)[1]

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        self.output_shape(frame.shape)
        held, rows = self._held(state.frame, frame)
        return RowGateState(held, state.rows + rows), held, live

    def _held(self, last: jax.Array, frame: jax.Array) -> tuple[jax.Array, jax.Array]:
        # Negated, so that a row with NaN counts as changed.
        changed = ~(jnp.abs(frame - last) <= self.tolerance).all((1, 2))
        anew = (jnp.cumsum(changed) > 0) & (jnp.cumsum(changed[::-1])[::-1] > 0)
        return jnp.where(anew[:, None, None], frame, last), anew.sum()


class ExitState(NamedTuple):
    """What `EarlyExit` remembers.

    Attributes:
      first: the state of `first`.
      early, full: how many frames were answered by `classifier` and by `rest` so far.
      classifier, rest: their states: no arrays.
    """

    first: State
    early: Int[Array, ""]
    full: Int[Array, ""]
    classifier: State
    rest: State


class EarlyExit(Layer):
    """Two answers from one network: after its first part if that one is sure, otherwise after the rest.

        frame -> first -> features -> classifier -> logits, if they are sure
                                   -> rest       -> logits, otherwise

    Sure is what has a softmax probability above `confidence`, or with a `margin`, logits of which the largest exceeds
    the second largest by more than that.

    Streamed, `rest` runs only where it is needed (`lax.cond`). The clip face computes both and chooses. Train with the
    two answers of `both`: through the chosen one, a frame would teach one of the parts only. `both` is also what is
    exported, as a model of two outputs, `export.to_tflite(partial(layer.apply, method="both"), ...)`: the C that
    `python -m export --early-exit 0` makes of it takes the margin at run time, in steps of the first output's scale.

    Args:
      first: always runs; it may look along time.
      classifier: features to logits `[classes]`, without memory.
      rest: features to logits `[classes]`, without memory.
      confidence: at least 0. With 0 every frame is answered early, from 1 on none is.
      margin: at least 0, in logits; None to go by `confidence`. Firmware, which has no softmax, goes by margins.

    Reference: Teerapittayanon, McDanel and Kung, "BranchyNet", 2016 (arXiv 1709.01686); there by entropy.
    """

    first: Layer
    classifier: Layer
    rest: Layer
    confidence: float = 0.9
    margin: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.confidence >= 0:
            raise ValueError(f"{self.label}: confidence (={self.confidence}) must be at least 0")
        if self.margin is not None and not self.margin >= 0:
            raise ValueError(f"{self.label}: margin (={self.margin}) must be at least 0")
        _check_memoryless(self, self.classifier, "classifier")
        _check_memoryless(self, self.rest, "rest")

    @property
    def delay_frames(self) -> int:
        return self.first.delay_frames

    @property
    def warmup_frames(self) -> int:
        return self.first.warmup_frames

    @property
    def masks(self) -> bool:
        return self.first.masks

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        features = self.first.output_shape(frame_shape)
        return self._common_shape(self.classifier.output_shape(features), self.rest.output_shape(features))

    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        self.output_shape(frame_shape)
        features, none = self.first.output_shape(frame_shape), jnp.zeros((), jnp.int32)
        return ExitState(
            first=self.first.init_state(frame_shape, track),
            early=none,
            full=none,
            classifier=_empty_state(self, self.classifier, features),
            rest=_empty_state(self, self.rest, features),
        )

    def both(
        self, clip: Float[AnyArray, " time *frame"]
    ) -> tuple[Float[Array, " time_out classes"], Float[Array, " time_out classes"]]:
        """The answers of `classifier` and of `rest` to every frame: `layer.apply(variables, clip, method="both")`."""
        return self._face("_both", jnp.asarray(clip))

    def _both(self, clip: jax.Array) -> tuple[jax.Array, jax.Array]:
        features = self.first.clip(clip)
        early, full = self.classifier.clip(features), self.rest.clip(features)
        self._common_shape(early.shape[1:], full.shape[1:])
        return early, full

    def _clip(self, clip: jax.Array) -> jax.Array:
        early, full = self._both(clip)
        return jnp.where(self._sure(early)[:, None], early, full)

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        def leave(rest: Layer, features: jax.Array, early: jax.Array) -> jax.Array:
            return early

        def go_on(rest: Layer, features: jax.Array, early: jax.Array) -> jax.Array:
            return rest.step(state.rest, features)[1]

        first, features, live = self.first.advance(state.first, frame, live)
        early = self.classifier.step(state.classifier, features)[1]
        if self.is_initializing():  # Flax creates no parameters inside a branch.
            return state, go_on(self.rest, features, early), live
        sure = self._sure(early)
        answer = linen.cond(sure, leave, go_on, self.rest, features, early)
        return state._replace(first=first, early=state.early + sure, full=state.full + ~sure), answer, live

    def _sure(self, logits: jax.Array) -> jax.Array:
        if self.margin is None:
            return jax.nn.softmax(logits).max(-1) > self.confidence
        largest = lax.top_k(logits, 2)[0]
        return largest[..., 0] - largest[..., 1] > self.margin

    def _common_shape(self, early: FrameShape, full: FrameShape) -> FrameShape:
        if early != full or len(full) != 1:
            raise ValueError(f"{self.label}: classifier and rest must both give [classes], found {early} and {full}")
        return full


def _check_memoryless(owner: Layer, layer: Layer, role: str) -> None:
    """What a layer knows about time without a frame's shape; `_empty_state` knows all, but only of streams."""
    # Bound layers cannot be asked. They are copies of some that were.
    if layer.scope is None and (layer.delay_frames or layer.warmup_frames or layer.masks):
        raise _remembers(owner, role)


def _empty_state(owner: Layer, layer: Layer, frame_shape: FrameShape) -> State:
    state = layer.init_state(frame_shape)
    if jax.tree.leaves(state):
        raise _remembers(owner, layer.label)
    return state


def _remembers(owner: Layer, what: str) -> ValueError:
    return ValueError(
        f"{owner.label}: {what} remembers frames, and would miss those that are skipped; put what looks along time "
        "outside"
    )
