"""Running layers: a clip frame by frame, and many clips at once."""

from collections.abc import Mapping
from typing import Any

import flax.core
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from stjax.nn.layer import AnyArray, Layer
from stjax.nn.norm import BATCH_AXIS

Variables = Mapping[str, Any]


def run_stream(
    layer: Layer, variables: Variables, clip: Float[AnyArray, " time *frame"]
) -> Float[Array, " time_out *frame_out"]:
    """A clip frame by frame through `step`, in one `lax.scan`: what `layer.apply(variables, clip)` gives.

    Frames of zeros follow the clip until the last outputs are out. Outputs from before the first frame (`delay_frames`
    of them) and those that the clip face does not give (`warmup_frames`) are dropped.

    Args:
      layer: any layer or model.
      variables: its parameters, and batch statistics if it has any.
      clip: at least `warmup_frames + 1` frames.

    Returns:
      `time - warmup_frames` frames; equal to the clip face up to the order of float additions.
    """
    clip = jnp.asarray(clip)
    delay, count = layer.delay_frames, len(clip)
    if count <= layer.warmup_frames:
        raise ValueError(f"{layer.label}: {count} frames are too few; it needs at least {layer.warmup_frames + 1}")

    def advance(state: Any, inputs: tuple[jax.Array, Any]) -> tuple[Any, jax.Array]:
        frame, live = inputs
        found: Any = layer.apply(variables, state, frame, True if live is None else live, method="step")
        return found

    flush = jnp.zeros((delay, *clip.shape[1:]), clip.dtype)
    live = jnp.arange(count + delay) < count if delay else None
    _, outputs = lax.scan(advance, layer.init_state(clip.shape[1:]), (jnp.concatenate([clip, flush]), live))
    return outputs[delay + layer.warmup_frames :]


def apply_batch(
    layer: Layer,
    variables: Variables,
    clips: Float[AnyArray, "batch time *frame"],
    *,
    train: bool = False,
    dropout_key: jax.Array | None = None,
) -> tuple[Float[Array, "batch time_out *frame_out"], Variables]:
    """The clip face on a batch of clips.

    Args:
      layer: any layer or model.
      variables: its parameters, and batch statistics if it has any.
      clips: clips of equal length.
      train: normalize by this batch's statistics, taken over all its clips, and update the moving averages.
      dropout_key: key for dropout; None turns it off.

    Returns:
      The outputs, and the variables with new batch statistics.
    """
    clips = jnp.asarray(clips)
    statistics = ["batch_stats"] if train and "batch_stats" in variables else []
    keys = None if dropout_key is None else jax.random.split(dropout_key, len(clips))

    def one(clip: jax.Array, key: jax.Array | None) -> tuple[jax.Array, Any]:
        rngs = None if key is None else {"dropout": key}
        return layer.apply(variables, clip, mutable=statistics, rngs=rngs)

    # The statistics are averages over the batch axis already, one copy for all.
    mapped = jax.vmap(one, in_axes=(0, None if keys is None else 0), out_axes=(0, None), axis_name=BATCH_AXIS)
    outputs, updates = mapped(clips, keys)
    return outputs, {**flax.core.unfreeze(dict(variables)), **flax.core.unfreeze(updates)}
