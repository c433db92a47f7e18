"""Fake quantization: float values rounded to what int8 can hold, with gradients as if they had not been.

    y = scale * (q - zero_point)        q an integer of so many levels

Reference: Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
2018, section 3; the gradient is the straight-through estimator of Bengio et al., 2013.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float


class Range(NamedTuple):
    """Lowest and highest value of a tensor. Grids are made so that they hold zero as well."""

    low: Float[Array, ""]
    high: Float[Array, ""]


class Grid(NamedTuple):
    """The values scale * (q - zero_point) for integers q from 0 to 2^bits - 1; both are whole float32 scalars."""

    scale: Float[Array, ""]
    zero_point: Float[Array, ""]


def grid_of(span: Range, bits: int) -> Grid:
    """The grid over a range, shifted by less than a step so that zero lies on it."""
    low, high = jnp.minimum(span.low, 0.0), jnp.maximum(span.high, 0.0)
    width = high - low
    scale = jnp.where(width > 0, width / (2**bits - 1), 1.0)
    return Grid(scale, jnp.round(-low / scale))


def fake_quantize(x: Float[Array, "*shape"], span: Range, bits: int) -> Float[Array, "*shape"]:
    """Activations on the grid of a range.

    The gradient passes where x lies on the grid's range; outside it goes to the end of the range that cut x off.
    """
    grid = lax.stop_gradient(grid_of(span, bits))
    low, high = -grid.zero_point * grid.scale, (2**bits - 1 - grid.zero_point) * grid.scale
    # The ends move with the range, by the sum of the shift that put zero on the grid.
    clipped = jnp.clip(x, span.low + lax.stop_gradient(low - span.low), span.high + lax.stop_gradient(high - span.high))
    stored = jnp.clip(jnp.round(clipped / grid.scale) + grid.zero_point, 0, 2**bits - 1)
    return _straight_through(clipped, (stored - grid.zero_point) * grid.scale)


def fake_quantize_weights(
    kernel: Float[Array, "*shape"], bits: int, channel_axes: tuple[int, ...] = (-1,)
) -> Float[Array, "*shape"]:
    """Weights on symmetric grids, one for each output channel, whose ends are the channel's largest weight.

    Args:
      kernel: any number of axes.
      bits: integers from -(2^(bits-1) - 1) to that.
      channel_axes: axes that count grids.
    """
    kept = {axis % kernel.ndim for axis in channel_axes}
    others = tuple(axis for axis in range(kernel.ndim) if axis not in kept)
    levels = 2 ** (bits - 1) - 1
    scale = lax.stop_gradient(jnp.abs(kernel).max(others, keepdims=True)) / levels
    scale = jnp.where(scale > 0, scale, 1.0)
    return _straight_through(kernel, jnp.round(kernel / scale) * scale)


def _straight_through(x: jax.Array, rounded: jax.Array) -> jax.Array:
    return x + lax.stop_gradient(rounded - x)
