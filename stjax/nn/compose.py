"""Containers: layers in a row, side by side, and around a shortcut. Both faces compose, and delays are made equal."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from stjax.nn import history
from stjax.nn.activations import activation_function
from stjax.nn.layer import FrameLayer, FrameShape, Layer, Live, State


class Identity(FrameLayer):
    """Gives back what it gets: a shortcut."""

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return frame_shape

    def _frames(self, frames: jax.Array) -> jax.Array:
        return frames


class Sequential(Layer):
    """One layer after the other.

    Parameters of layer i stand under the layer's name, or under `layers_i` if it has none.

    Args:
      layers: in order; empty is the identity.
    """

    layers: Sequence[Layer]

    def __post_init__(self) -> None:
        super().__post_init__()
        for position, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                raise ValueError(
                    f"{self.label}: layers[{position}] is a {type(layer).__name__}, not a layer of stjax.nn with two "
                    "faces; normalization is an argument of the layer whose kernel comes before it "
                    "(`batch_norm=True`), into which it folds"
                )

    @property
    def delay_frames(self) -> int:
        return sum(layer.delay_frames for layer in self.layers)

    @property
    def warmup_frames(self) -> int:
        return sum(layer.warmup_frames for layer in self.layers)

    @property
    def masks(self) -> bool:
        return any(layer.masks for layer in self.layers)

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        for layer in self.layers:
            frame_shape = layer.output_shape(frame_shape)
        return frame_shape

    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        states = []
        for i, layer in enumerate(self.layers):
            later = track or any(after.masks for after in self.layers[i + 1 :])
            states.append(layer.init_state(frame_shape, later))
            frame_shape = layer.output_shape(frame_shape)
        return tuple(states)

    def _clip(self, clip: jax.Array) -> jax.Array:
        for layer in self.layers:
            clip = layer.clip(clip)
        return clip

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        states = []
        for layer, before in zip(self.layers, state, strict=True):
            after, frame, live = layer.advance(before, frame, live)
            states.append(after)
        return tuple(states), frame, live


class Parallel(Layer):
    """The same frame through several branches, then added or concatenated on channels.

    Streamed, each branch of less delay than the longest gets a delay line behind it. In the clip face, branches that
    drop more frames at the start (without padding) shorten the others.

    Args:
      branches: at least one.
      merge: "add" or "concat".
      activation: applied to the merged frames.
    """

    branches: Sequence[Layer]
    merge: str = "add"
    activation: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.merge not in ("add", "concat"):
            raise ValueError(f'{self.label}: merge "{self.merge}" is neither "add" nor "concat"')
        if not self.branches:
            raise ValueError(f"{self.label}: no branches")
        activation_function(self.activation)

    @property
    def delay_frames(self) -> int:
        return max(branch.delay_frames for branch in self.branches)

    @property
    def warmup_frames(self) -> int:
        return max(branch.warmup_frames for branch in self.branches)

    @property
    def masks(self) -> bool:
        return any(branch.masks for branch in self.branches)

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return self._merged_shape([branch.output_shape(frame_shape) for branch in self.branches])

    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        """A pair for each branch: its own state, and its delay line."""
        self.output_shape(frame_shape)
        longest = self.delay_frames
        return tuple(
            (
                branch.init_state(frame_shape, track),
                history.empty(longest - branch.delay_frames, branch.output_shape(frame_shape), track),
            )
            for branch in self.branches
        )

    def _clip(self, clip: jax.Array) -> jax.Array:
        results = [branch.clip(clip) for branch in self.branches]
        self._merged_shape([result.shape[1:] for result in results])
        shortest = min(len(result) for result in results)
        return self._merge([result[len(result) - shortest :] for result in results])

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        states, results, all_live = [], [], True
        for branch, (before, line) in zip(self.branches, state, strict=True):
            after, result, result_live = branch.advance(before, frame, live)
            if isinstance(line, history.History):
                line, window = history.push(line, result, result_live, mask=False)
                result, result_live = window.frames[0], result_live if window.live is None else window.live[0]
            states.append((after, line))
            results.append(result)
            all_live = _both(all_live, result_live)
        return tuple(states), self._merge(results), all_live

    def _merged_shape(self, shapes: list[FrameShape]) -> FrameShape:
        compared = shapes if self.merge == "add" else [shape[:-1] for shape in shapes]
        if len(set(compared)) > 1:
            found = ", ".join(map(str, shapes))
            raise ValueError(f'{self.label}: branches with frames {found} cannot be merged by "{self.merge}"')
        return shapes[0] if self.merge == "add" else (*shapes[0][:-1], sum(shape[-1] for shape in shapes))

    def _merge(self, results: list[jax.Array]) -> jax.Array:
        merged = jnp.concatenate(results, axis=-1) if self.merge == "concat" else sum(results[1:], results[0])
        return self.tap("output", activation_function(self.activation)(merged))


class Composite(Layer):
    """Base of layers and models made of others. A subclass defines `network`, and both faces follow.

    The layers that `network` makes become this module's own children, under the names it gives them.
    """

    def network(self, channels: int) -> Layer:
        """The layers, for frames with so many channels. Delay and warm-up may not depend on `channels`."""
        raise NotImplementedError

    @property
    def delay_frames(self) -> int:
        return self._detached().delay_frames

    @property
    def warmup_frames(self) -> int:
        return self._detached().warmup_frames

    @property
    def masks(self) -> bool:
        return self._detached().masks

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return self._detached(frame_shape[-1]).output_shape(frame_shape)

    def init_state(self, frame_shape: FrameShape, track: bool = False) -> State:
        return self._detached(frame_shape[-1]).init_state(frame_shape, track)

    def _clip(self, clip: jax.Array) -> jax.Array:
        return self.network(clip.shape[-1]).clip(clip)

    def _advance(self, state: State, frame: jax.Array, live: Live) -> tuple[State, jax.Array, Live]:
        return self.network(frame.shape[-1]).advance(state, frame, live)

    def _detached(self, channels: int = 1) -> Layer:
        if self.scope is not None:
            # Inside `apply`, Flax would take the layers made here for children.
            raise ValueError(f"{self.label}: ask for delay, state and shapes outside `apply`")
        return self.network(channels)


class Residual(Composite):
    """body(x) + shortcut(x). Streamed, the shortcut waits for a body with delay.

    Args:
      body: the layers around which the shortcut leads.
      shortcut: the identity if None.
      activation: applied to the sum.
    """

    body: Layer
    shortcut: Layer | None = None
    activation: str | None = None

    def network(self, channels: int) -> Layer:
        return Parallel((self.body, self.shortcut or Identity()), "add", self.activation)


def _both(a: Live, b: Live) -> Live:
    if a is True or b is True:
        return b if a is True else a
    return jnp.logical_and(a, b)
