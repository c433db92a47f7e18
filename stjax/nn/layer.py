"""The protocol of all layers: one set of parameters, and two faces that use them (see `stjax.nn`).

Inside a stack, "zeros before the first frame" are zeros of each layer's own input, not what the layer before makes of
zeros. So a frame travels with a flag, `live`: false for what lies outside the clip, and a layer that pads puts zeros in
the place of frames that are not live. Where the flag is known while tracing (Python's `True`) it costs nothing, and it
is remembered only where a later layer asks for it: causal networks carry none.
"""

import inspect
import re
from typing import Any

import flax.linen as linen
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

# What may be given where JAX takes it in.
AnyArray = Array | np.ndarray
# Shape of one frame: height, width, channels while it is an image.
FrameShape = tuple[int, ...]
# Whatever a layer remembers between frames: a pytree of arrays, () if nothing.
State = Any
# Whether a frame lies inside the clip; True where that is known while tracing.
Live = bool | Bool[Array, ""]

# Every operation carries its layer's place in its name: "stjax.block0.expand". Cost tables and the exporter read it.
SCOPE_MARK = "stjax."


class Layer(linen.Module):
    """Base of all layers. Both faces belong to Flax's `apply`:

        variables = layer.init(key, clip)
        outputs = layer.apply(variables, clip)

        state = layer.init_state(clip.shape[1:])
        state, output = layer.apply(variables, state, frame, method="step")

    `init_state`, `output_shape`, `delay_frames` and `warmup_frames` need no parameters: ask the layer itself, outside
    `apply`.

    A subclass defines `_clip`, `_advance`, `output_shape`, and `init_state` if it has a state. It may create parameters
    and submodules in `_clip` and `_advance`, under the same explicit names in both.
    """

    # Layers given to other layers keep the names they were made with.
    preserve_adopted_names = True

    def __init_subclass__(cls, **options: Any) -> None:
        # Linen wraps every method so that it runs inside the module and adds a scope to the names of operations. That
        # would keep shapes and states from being asked for outside `apply`, and make the names long.
        for name, attribute in list(vars(cls).items()):
            plain = inspect.isfunction(attribute) and not hasattr(attribute, "compact")
            if plain and not name.startswith("__") and name != "tap":
                setattr(cls, name, linen.nowrap(attribute))
        super().__init_subclass__(**options)

    @property
    def delay_frames(self) -> int:
        """Frames by which streamed output lags behind."""
        return 0

    @property
    def warmup_frames(self) -> int:
        """Outputs that the clip face drops at the start."""
        return 0

    @property
    def masks(self) -> bool:
        """Whether this layer, or one inside it, needs to know which frames are live."""
        return False

    @linen.nowrap
    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        """Shape of one output frame for an input frame of shape `frame_shape`.

        Raises:
          ValueError: if the layer cannot take such frames.
        """
        raise NotImplementedError

    @linen.nowrap
    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        """The state before the first frame: zeros.

        Args:
          frame_shape: shape of one input frame.
          track: a layer after this one asks which frames are live. Containers set it.
        """
        return ()

    def __call__(self, clip: Float[AnyArray, " time *frame"]) -> Float[Array, " time_out *frame_out"]:
        return self.clip(clip)

    @linen.nowrap
    def clip(self, clip: Float[AnyArray, " time *frame"]) -> Float[Array, " time_out *frame_out"]:
        """The layer on a whole clip.

        Args:
          clip: at least `warmup_frames + 1` frames.

        Returns:
          `time - warmup_frames` frames.

        Raises:
          ValueError: if the clip is too short or its frames have a shape that the layer cannot take.
        """
        return self._face("_clip", jnp.asarray(clip))

    @linen.nowrap
    def step(
        self, state: State, frame: Float[AnyArray, "*frame"], live: Live = True
    ) -> tuple[State, Float[Array, "*frame_out"]]:
        """The layer on the next frame of a stream.

        Args:
          state: what `init_state` or the last step gave.
          frame: the next frame; zeros after the last one, to get the `delay_frames` outputs still inside.
          live: False for those zeros.

        Returns:
          The new state, and the output for the frame `delay_frames` ago.
        """
        state, output, _ = self.advance(state, frame, live)
        return state, output

    @linen.nowrap
    def advance(
        self, state: State, frame: Float[AnyArray, "*frame"], live: Live
    ) -> tuple[State, Float[Array, "*frame_out"], Live]:
        """`step` that also says whether its output is live. Containers call it."""
        return self._face("_advance", state, jnp.asarray(frame), live)

    def tap(self, role: str, value: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
        """Returns `value`. Every kernel ("kernel") and every result ("output") of a layer passes here.

        Quantization-aware training replaces it: inside `flax.linen.intercept_methods` an interceptor sees this method's
        calls, may create variables in `context.module`, and returns the value to use instead.
        """
        return value

    @property
    def label(self) -> str:
        """Class and place, for messages: `Conv "backbone.stem"`."""
        place = (place_of(self.path) if self.scope is not None else "") or self.name
        return f'{type(self).__name__} "{place}"' if place else type(self).__name__

    @linen.nowrap
    def _clip(self, clip: jax.Array) -> jax.Array:
        raise NotImplementedError

    @linen.nowrap
    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        raise NotImplementedError

    @linen.compact
    def _face(self, face: str, *arguments: Any) -> Any:
        """The only compact method: Linen allows one per class, and both faces create the same parameters here."""
        with jax.named_scope(SCOPE_MARK + place_of(self.path)):
            return getattr(self, face)(*arguments)


class FrameLayer(Layer):
    """Base of layers that treat each frame by itself: no state, no delay. A subclass defines `_frames`."""

    def _frames(self, frames: jax.Array) -> jax.Array:
        """Some frames `[count, *frame]` to as many results."""
        raise NotImplementedError

    def _clip(self, clip: jax.Array) -> jax.Array:
        self.output_shape(clip.shape[1:])
        return self._frames(clip)

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        self.output_shape(frame.shape)
        return state, self._frames(frame[None])[0], live


def place_of(path: tuple[str, ...]) -> str:
    """A module's path as text, "block0.expand", without containers that Flax named by itself."""
    return ".".join(name for name in path if not re.fullmatch(r"(Parallel|Residual|Sequential)_\d+", name))


def masked(frame: Float[Array, "*frame"], live: Live) -> Float[Array, "*frame"]:
    """The frame, or zeros if it is not live."""
    return frame if live is True else jnp.where(live, frame, jnp.zeros_like(frame))


def image_shape(layer: Layer, frame_shape: FrameShape) -> tuple[int, int, int]:
    """`frame_shape` as height, width and channels.

    Raises:
      ValueError: if it has not three axes.
    """
    if len(frame_shape) != 3:
        raise ValueError(f"{layer.label}: a frame is [height, width, channels], found shape {tuple(frame_shape)}")
    height, width, channels = frame_shape
    return height, width, channels
