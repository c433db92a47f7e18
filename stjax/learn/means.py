"""The mean of each class's features, and the class whose mean is nearest.

Per class a count and the sums of its features. At `HORIZON` examples both are halved before the next one is added, so
that any number of examples fits and the newest ones count more: in the long run the last 64 to 128.
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Int, Int8, Int16, Int32, UInt8

HORIZON = 128
"""Even, so that halving is exact for the count; 128 sums of int8 fit int16."""

NOTHING = np.int32(-(2**31))
"""The score of a class without examples."""


class Params(NamedTuple):
    """Sizes. Hashable, for `static_argnums`."""

    classes: int
    features: int


class State(NamedTuple):
    """What is learned."""

    sums: Int16[Array, "classes features"]
    counts: UInt8[Array, " classes"]


def empty(params: Params) -> State:
    """Nothing learned."""
    return State(jnp.zeros((params.classes, params.features), jnp.int16), jnp.zeros(params.classes, jnp.uint8))


def of_examples(
    params: Params, x: Int8[np.ndarray, "examples features"], labels: Int[np.ndarray, " examples"]
) -> State:
    """The means of many examples, as a device would start with them: each counts as half the horizon, so that what the
    device learns next moves it at once. In numpy, with double precision.
    """
    half = HORIZON // 2
    sums, counts = np.zeros((params.classes, params.features), np.int16), np.zeros(params.classes, np.uint8)
    for label in np.unique(labels):
        sums[label] = np.round(half * x[labels == label].astype(np.float64).mean(0)).astype(np.int16)
        counts[label] = half
    return State(jnp.asarray(sums), jnp.asarray(counts))


def mean_of(sums: Int32[Array, "*shape"], counts: Int32[Array, "*shape"]) -> Int32[Array, "*shape"]:
    """sum / count to nearest, halves up. The numerator is positive, since a sum is at least -128 * count."""
    return lax.div(2 * (sums + 128 * counts) + counts, 2 * counts) - 128


def scores(params: Params, state: State, x: Int8[Array, " features"]) -> Int32[Array, " classes"]:
    """Per class the squared distance to its mean, negative, or `NOTHING` for a class without examples."""
    counts = state.counts.astype(jnp.int32)
    some = jnp.maximum(counts, 1)[:, None]
    means = mean_of(state.sums.astype(jnp.int32), jnp.broadcast_to(some, state.sums.shape))
    difference = x.astype(jnp.int32) - means
    return jnp.where(counts > 0, -jnp.sum(difference * difference, axis=1, dtype=jnp.int32), NOTHING)


def learn(params: Params, state: State, x: Int8[Array, " features"], label: Int32[Array, ""]) -> State:
    """One more example of a class, label in [0, classes)."""
    sums, count = state.sums[label].astype(jnp.int32), state.counts[label].astype(jnp.int32)
    full = count == HORIZON
    sums = jnp.where(full, (sums + 1) >> 1, sums) + x.astype(jnp.int32)
    count = jnp.where(full, HORIZON // 2, count) + 1
    return State(state.sums.at[label].set(sums.astype(jnp.int16)), state.counts.at[label].set(count.astype(jnp.uint8)))


def forget(params: Params, state: State, label: Int32[Array, ""]) -> State:
    """The class as if it had had no example."""
    return State(state.sums.at[label].set(jnp.int16(0)), state.counts.at[label].set(jnp.uint8(0)))
