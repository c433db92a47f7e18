"""A dense layer and softmax, trained by gradient steps in integers.

Weights are int8, the rounded upper part of an int32 shadow with 16 bits behind the point, and biases int32 with 8. An
example goes into a rehearsal buffer, where it takes the place of the oldest one of the class that has most; then all
that is in the buffer is stepped through, `passes` times. Every rounding is to nearest, halves up.

    sums        (bias >> 8) + weights @ (x - zero_point)
    p           exp(sums - highest) / total, by a table in sixteenths, as 15 bits behind the point
    shadow     -= (p - [class is the label]) * (x - zero_point) >> rate
"""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Int8, Int32, UInt8

ONE = 1 << 15
"""A probability of 1."""

SHADOW, BIAS, SEEN = 127 << 16, 1 << 30, 255
"""The largest shadow of a weight, the largest bias, and the count at which that of a class's examples stays."""

NOTHING = np.int32(-(2**31))
"""The score of a class without examples."""


class Params(NamedTuple):
    """Sizes and shifts. Hashable, for `static_argnums`.

    Args:
      classes, features: of the layer.
      zero_point: of the features.
      shift, multiplier, most: how a difference of two sums becomes an index of the table of exponentials:
        (min(d >> shift, most) * multiplier) >> 21.
      rate, bias_rate: right shifts of gradients, left ones where negative.
      room: examples that the rehearsal buffer holds; 0: the newest alone is stepped.
      passes: through what is stepped, with each example.
    """

    classes: int
    features: int
    zero_point: int
    shift: int
    multiplier: int
    most: int
    rate: int
    bias_rate: int
    room: int
    passes: int


class State(NamedTuple):
    """What is learned, and what is kept to go on from: the oldest first, `filled` of them, zeros behind."""

    shadow: Int32[Array, "classes features"]
    bias: Int32[Array, " classes"]
    counts: UInt8[Array, " classes"]
    labels: UInt8[Array, " room"]
    kept: Int8[Array, "room features"]
    filled: UInt8[Array, ""]


def exponentials() -> Int32[np.ndarray, " 256"]:
    """32768 * exp(-k / 16)."""
    return np.round(ONE * np.exp(-np.arange(256) / 16)).astype(np.int32)


def empty(params: Params) -> State:
    """Nothing learned."""
    return State(
        jnp.zeros((params.classes, params.features), jnp.int32),
        jnp.zeros(params.classes, jnp.int32),
        jnp.zeros(params.classes, jnp.uint8),
        jnp.zeros(params.room, jnp.uint8),
        jnp.zeros((params.room, params.features), jnp.int8),
        jnp.uint8(0),
    )


def numbers(count: int) -> Int32[Array, " count"]:
    """0, 1, ..., count - 1."""
    return jnp.arange(count, dtype=jnp.int32)


def scaled(value: Int32[Array, "*shape"], shift: int) -> Int32[Array, "*shape"]:
    """value / 2^shift to nearest, halves up; a negative shift multiplies."""
    return (value + (1 << (shift - 1))) >> shift if shift > 0 else value << -shift


def scores(params: Params, state: State, x: Int8[Array, " features"]) -> Int32[Array, " classes"]:
    """Per class its sum of products, or `NOTHING` for a class without examples."""
    weights = (state.shadow + (1 << 15)) >> 16
    products = weights * (x.astype(jnp.int32) - params.zero_point)
    sums = jnp.sum(products, axis=1, dtype=jnp.int32) + ((state.bias + 128) >> 8)
    return jnp.where(state.counts > 0, sums, NOTHING)


def probabilities(params: Params, state: State, sums: Int32[Array, " classes"]) -> Int32[Array, " classes"]:
    """The softmax of the classes that have examples, in parts of 2^15; 0 for others."""
    some = state.counts > 0
    distances = jnp.where(some, jnp.max(sums) - sums, 0) >> params.shift
    index = (jnp.minimum(distances, params.most) * params.multiplier) >> 21
    parts = jnp.where(some, jnp.asarray(exponentials())[jnp.minimum(index, 255)], 0)
    return lax.div(parts * ONE, jnp.broadcast_to(jnp.sum(parts, dtype=jnp.int32), parts.shape))


def step(params: Params, state: State, x: Int8[Array, " features"], label: Int32[Array, ""]) -> State:
    """One gradient step of the cross entropy of one example whose class has examples."""
    p = probabilities(params, state, scores(params, state, x))
    gradient = p - jnp.where(numbers(params.classes) == label, ONE, 0).astype(jnp.int32)
    gradient = jnp.where(state.counts > 0, gradient, 0)
    change = scaled(gradient[:, None] * (x.astype(jnp.int32) - params.zero_point)[None, :], params.rate)
    return state._replace(
        shadow=jnp.clip(state.shadow - change, -SHADOW, SHADOW),
        bias=jnp.clip(state.bias - scaled(gradient, params.bias_rate), -BIAS, BIAS),
    )


def learn(params: Params, state: State, x: Int8[Array, " features"], label: Int32[Array, ""]) -> State:
    """One more example of a class, label in [0, classes): into the buffer, then steps through all of it."""
    count = jnp.minimum(state.counts[label].astype(jnp.int32) + 1, SEEN)
    state = state._replace(counts=state.counts.at[label].set(count.astype(jnp.uint8)))
    if params.room == 0:
        return lax.fori_loop(0, params.passes, lambda _, now: step(params, now, x, label), state)
    state = kept(params, state, x, label)

    def pass_through(k: Int32[Array, ""], now: State) -> State:
        place = lax.rem(k, jnp.int32(params.room))
        stepped = step(params, now, now.kept[place], now.labels[place].astype(jnp.int32))
        there = place < now.filled.astype(jnp.int32)
        return State(*(jnp.where(there, a, b) for a, b in zip(stepped, now, strict=True)))

    return lax.fori_loop(jnp.int32(0), jnp.int32(params.passes * params.room), pass_through, state)


def kept(params: Params, state: State, x: Int8[Array, " features"], label: Int32[Array, ""]) -> State:
    """The buffer with one more example; where it is full, without the oldest of the class that has most."""
    full = state.filled == params.room
    freed = without(params, state, numbers(params.room) == oldest(params, state, label))
    state = State(*(jnp.where(full, a, b) for a, b in zip(freed, state, strict=True)))
    place = state.filled.astype(jnp.int32)
    return state._replace(
        labels=state.labels.at[place].set(label.astype(jnp.uint8)),
        kept=state.kept.at[place].set(x),
        filled=state.filled + jnp.uint8(1),
    )


def oldest(params: Params, state: State, label: Int32[Array, ""]) -> Int32[Array, ""]:
    """The place of the oldest example of the class that has most in the buffer, the one that comes counted with its
    own; of equal classes the first.
    """
    classes, there = numbers(params.classes), numbers(params.room) < state.filled.astype(jnp.int32)
    own = (state.labels[None, :].astype(jnp.int32) == classes[:, None]) & there[None, :]
    found = jnp.sum(own, axis=1, dtype=jnp.int32)
    most = jnp.argmax(jnp.where(found > 0, found + (classes == label).astype(jnp.int32), 0))
    return jnp.argmax(own[most]).astype(jnp.int32)


def without(params: Params, state: State, gone: Array) -> State:
    """The buffer without the examples where `gone` is true; the others move up, in their order."""
    gone = gone | (numbers(params.room) >= state.filled.astype(jnp.int32))
    order = jnp.argsort(gone, stable=True)
    stay = ~gone[order]
    return state._replace(
        labels=jnp.where(stay, state.labels[order], jnp.uint8(0)),
        kept=jnp.where(stay[:, None], state.kept[order], jnp.int8(0)),
        filled=jnp.sum(stay, dtype=jnp.int32).astype(jnp.uint8),
    )


def forget(params: Params, state: State, label: Int32[Array, ""]) -> State:
    """The class as if it had had no example; what was kept of it goes."""
    state = without(params, state, state.labels.astype(jnp.int32) == label) if params.room else state
    return state._replace(
        shadow=state.shadow.at[label].set(jnp.int32(0)),
        bias=state.bias.at[label].set(jnp.int32(0)),
        counts=state.counts.at[label].set(jnp.uint8(0)),
    )
