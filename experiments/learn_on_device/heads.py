"""Heads in JAX: what they begin with, how they go through a course, how many clips they get right, and the ceiling."""
# pyright: reportMissingImports=false

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from stjax import learn
from verify.graph.graph import Graph
from verify.graph.learning import Learning
from verify.learning import HEADS

CEILING_STEPS, CEILING_RATE, CEILING_DECAY = 2000, 0.05, 1e-4
"""Of the head retrained in float on everything: full-batch Adam, until nothing changes any more."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Features, int8 [clips, features], and labels."""

    x: np.ndarray
    labels: np.ndarray

    def take(self, chosen: np.ndarray) -> "Examples":
        return Examples(self.x[chosen], self.labels[chosen])

    def __add__(self, other: "Examples") -> "Examples":
        return Examples(np.concatenate([self.x, other.x]), np.concatenate([self.labels, other.labels]))


class Head:
    """A head that learns, in JAX."""

    def __init__(self, graph: Graph, learning: Learning):
        assert graph.readout is not None
        self.learning, self._facts = learning, HEADS[learning.head]
        self._module: Any = getattr(learn, learning.head)
        numbers = self._facts.parameters(learning, graph.readout)
        self.params = self._module.Params(**numbers)
        self._first = self._facts.first(learning, graph.readout)
        self._learn = jax.jit(functools.partial(self._module.learn, self.params))
        self._forget = jax.jit(functools.partial(self._module.forget, self.params))
        self._scores = jax.jit(jax.vmap(functools.partial(self._module.scores, self.params), (None, 0)))

    def begin(self, known: Examples, seed: int) -> Any:
        """What a device leaves the factory with: the means of the training clips, or the trained layer and as many
        examples of each class as the buffer has room for.
        """
        state = self._module.empty(self.params)
        if self.learning.head == "means":
            return learn.means.of_examples(self.params, known.x, known.labels)
        fields = {name: jnp.asarray(values.reshape(getattr(state, name).shape)) for name, values in self._first.items()}
        chosen = _balanced(known.labels, self.learning.room, seed)
        return state._replace(
            **fields,
            kept=state.kept.at[: len(chosen)].set(known.x[chosen]),
            labels=state.labels.at[: len(chosen)].set(known.labels[chosen].astype(np.uint8)),
            filled=jnp.uint8(len(chosen)),
        )

    def learn(self, state: Any, x: np.ndarray, label: int) -> Any:
        return self._learn(state, jnp.asarray(x), jnp.int32(label))

    def forget(self, state: Any, label: int) -> Any:
        return self._forget(state, jnp.int32(label))

    def answers(self, state: Any, x: np.ndarray) -> np.ndarray:
        """Labels; of equal scores the first."""
        return np.asarray(self._scores(state, jnp.asarray(x))).argmax(1)


def _balanced(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """So many places at most, as many of each label, in turn; no more than the rarest has."""
    rng = np.random.default_rng(seed)
    classes = np.unique(labels)
    each = [rng.permutation(np.flatnonzero(labels == label))[: count // len(classes)] for label in classes]
    return np.array([place for turn in zip(*each, strict=False) for place in turn], int)


def ceiling(train: Examples, tests: Sequence[Examples], classes: int, scale: float, zero_point: int) -> list[float]:
    """Accuracies of a dense layer in float that is trained on all of these features at once."""
    x = jnp.asarray((train.x.astype(np.float32) - zero_point) * scale)
    spread = jnp.maximum(x.std(0), 1e-3)
    x, labels = x / spread, jnp.asarray(train.labels)
    optimizer = optax.adam(CEILING_RATE)
    layer = (jnp.zeros((x.shape[1], classes)), jnp.zeros(classes))

    def loss(layer: Any) -> Any:
        logits = x @ layer[0] + layer[1]
        decay = CEILING_DECAY * jnp.sum(layer[0] ** 2)
        return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean() + decay

    @jax.jit
    def step(_: Any, now: Any) -> Any:
        updates, state = optimizer.update(jax.grad(loss)(now[0]), now[1])
        return optax.apply_updates(now[0], updates), state

    layer = jax.lax.fori_loop(0, CEILING_STEPS, step, (layer, optimizer.init(layer)))[0]
    found = []
    for test in tests:
        real = (test.x.astype(np.float32) - zero_point) * scale / np.asarray(spread)
        found.append(float(((real @ np.asarray(layer[0]) + np.asarray(layer[1])).argmax(1) == test.labels).mean()))
    return found
