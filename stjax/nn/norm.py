"""Batch normalization, and folding it into the kernels before it.

Reference: Ioffe and Szegedy, "Batch Normalization", 2015, algorithms 1 and 2.
"""

from collections.abc import Mapping
from typing import Any

import flax.linen as linen
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

# The vmapped axis over which `apply_batch` averages statistics.
BATCH_AXIS = "batch"
EPSILON = 1e-3


class BatchNorm(linen.Module):
    """Normalizes each channel: by the batch's own statistics in training, else by their moving averages.

    Training is told by the collection "batch_stats" being mutable in `apply`, so nothing has to be passed through the
    layers. Statistics are taken over time, height and width, and over the examples if `apply_batch` (or a `jax.vmap`
    with the axis name "batch") runs several.

    Args:
      momentum: weight of the old average in the new one, 0 to 1.
    """

    momentum: float = 0.9

    @linen.compact
    def __call__(self, x: Float[Array, "*places channels"]) -> Float[Array, "*places channels"]:
        channels = x.shape[-1:]
        scale = self.param("scale", linen.initializers.ones_init(), channels)
        bias = self.param("bias", linen.initializers.zeros_init(), channels)
        mean = self.variable("batch_stats", "mean", jnp.zeros, channels)
        variance = self.variable("batch_stats", "var", jnp.ones, channels)
        if self.is_initializing() or not self.is_mutable_collection("batch_stats"):
            return (x - mean.value) * (scale * lax.rsqrt(variance.value + EPSILON)) + bias
        batch_mean, batch_variance = _statistics(x)
        mean.value = self.momentum * mean.value + (1 - self.momentum) * batch_mean
        variance.value = self.momentum * variance.value + (1 - self.momentum) * batch_variance
        return (x - batch_mean) * (scale * lax.rsqrt(batch_variance + EPSILON)) + bias


def fold_batch_norm(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Takes normalization into the kernels and biases: the same function of the input, with fewer operations.

    Args:
      variables: as `init` gave them: "params", and "batch_stats" if any layer normalizes.

    Returns:
      {"params": ...} without normalization, for the same module ({} if it has no parameters); its clip and step faces
      give what the moving averages gave, to float rounding.

    Raises:
      ValueError: if a normalization has no kernel beside it, or no statistics.
    """
    if "params" not in variables:
        return {}
    return {"params": _folded(variables["params"], variables.get("batch_stats", {}), ())}


def _folded(params: Mapping[str, Any], statistics: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    if "norm" in params:
        return _fold_layer(params, statistics, "/".join(path))
    return {
        name: _folded(value, statistics.get(name, {}), (*path, name)) if isinstance(value, Mapping) else value
        for name, value in params.items()
    }


def _fold_layer(params: Mapping[str, Any], statistics: Mapping[str, Any], place: str) -> dict[str, Any]:
    if "kernel" not in params:
        raise ValueError(f'"{place}": a normalization without a kernel beside it cannot be folded')
    if "norm" not in statistics:
        raise ValueError(f'"{place}": no batch statistics; fold the variables, not their parameters alone')
    norm, stats = params["norm"], statistics["norm"]
    factor = norm["scale"] / jnp.sqrt(stats["var"] + EPSILON)
    return {"kernel": params["kernel"] * factor, "bias": norm["bias"] - stats["mean"] * factor}


def _statistics(x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Mean and variance of each channel."""
    places = tuple(range(x.ndim - 1))
    mean, square = x.mean(places), (x * x).mean(places)
    if _inside_batch():
        mean, square = lax.pmean((mean, square), BATCH_AXIS)
    return mean, jnp.maximum(square - mean * mean, 0)


def _inside_batch() -> bool:
    try:
        lax.axis_index(BATCH_AXIS)
    except NameError:  # "unbound axis name": not under apply_batch
        return False
    return True
