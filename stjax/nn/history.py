"""The frames that a stream still needs, oldest first: a ring in which the newest frame comes last.

Arrays are shifted, not indexed: a functional update of one slot copies as much, and the order stays visible.
"""

from typing import NamedTuple

import chex
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from stjax.nn.layer import FrameShape, Live, masked


class History(NamedTuple):
    """The last frames of a stream, zeros before the first.

    Attributes:
      frames: [frames, *frame], oldest first.
      live: which of them lie inside the clip; None where no later layer asks.
    """

    frames: Float[Array, " frames *frame"]
    live: Bool[Array, " frames"] | None


class Recent(NamedTuple):
    """A history and the frame after it.

    Attributes:
      frames: [frames + 1, *frame], oldest first.
      live: which of them lie inside the clip; None where that is not remembered.
    """

    frames: Float[Array, " frames *frame"]
    live: Bool[Array, " frames"] | None


def empty(frames: int, frame_shape: FrameShape, track: bool) -> History | tuple[()]:
    """A history before the first frame.

    Args:
      frames: how many frames it remembers; for 0 the history is ().
      frame_shape: shape of one frame.
      track: remember also which of them are live.
    """
    if frames == 0:
        return ()
    return History(jnp.zeros((frames, *frame_shape)), jnp.zeros(frames, bool) if track else None)


def push(
    history: History | tuple[()], frame: Float[Array, "*frame"], live: Live, mask: bool
) -> tuple[History | tuple[()], Recent]:
    """Takes in a frame and drops the oldest.

    Args:
      history: what came before.
      frame: the next frame.
      live: whether it lies inside the clip.
      mask: put zeros in its place if it does not.

    Returns:
      The history that the next frame needs, and the window of all frames from the oldest to this one.
    """
    frame = masked(frame, live) if mask else frame
    if not isinstance(history, History):
        return (), Recent(frame[None], None)
    chex.assert_shape(frame, history.frames.shape[1:])
    frames = jnp.concatenate([history.frames, frame[None]])
    if history.live is None:
        return History(frames[1:], None), Recent(frames, None)
    flags = jnp.concatenate([history.live, jnp.asarray(live, bool)[None]])
    return History(frames[1:], flags[1:]), Recent(frames, flags)
