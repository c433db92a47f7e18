"""One step of training and one of evaluation, compiled for all devices."""
# pyright: reportMissingImports=false

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import Mesh
from jaxtyping import Array, Float, Float32, Int32, UInt8

from stjax.data.frames import to_real
from stjax.data.pipeline import Batches
from stjax.train import devices
from stjax.train.metrics import Metrics
from stjax.train.network import Network, Variables


class Totals(NamedTuple):
    """Sums over the steps of an epoch so far. They are part of the state, so that a resumed epoch reports all of it."""

    loss: Float32[Array, ""]
    correct: Int32[Array, ""]
    count: Int32[Array, ""]


class TrainState(NamedTuple):
    """All that a step needs and changes; `step` counts the steps done."""

    step: Int32[Array, ""]
    variables: Variables
    optimizer: optax.OptState
    totals: Totals


TrainStep = Callable[[TrainState, Array, Array], tuple[TrainState, Array]]
Evaluate = Callable[[Variables, Batches], Metrics]


def no_totals() -> Totals:
    # One array each: buffers that are given away may not be shared.
    return Totals(jnp.zeros((), jnp.float32), jnp.zeros((), jnp.int32), jnp.zeros((), jnp.int32))


def initial_state(
    network: Network, optimizer: optax.GradientTransformation, clip: UInt8[np.ndarray, "..."], seed: int, mesh: Mesh
) -> TrainState:
    """The state before the first step, on all devices. `clip` gives the shape."""

    def make(key: Array) -> TrainState:
        variables = network.init(key, to_real(jnp.asarray(clip)))
        return TrainState(jnp.zeros((), jnp.int32), variables, optimizer.init(variables["params"]), no_totals())

    return jax.jit(make, out_shardings=devices.replicated(mesh))(jax.random.key(seed))


def make_train_step(
    network: Network, optimizer: optax.GradientTransformation, mesh: Mesh, seed: int, label_smoothing: float = 0.0
) -> TrainStep:
    """A compiled function (state, clips, labels) -> (state, mean loss of the batch). The old state is used up."""

    @partial(jax.jit, donate_argnums=0, out_shardings=devices.replicated(mesh))
    def step(state: TrainState, clips: Array, labels: Array) -> tuple[TrainState, Array]:
        key = jax.random.fold_in(jax.random.key(seed), state.step)

        def loss_of(params: Any) -> tuple[Array, tuple[Array, Variables]]:
            logits, changed = network.apply({**state.variables, "params": params}, to_real(clips), True, key)
            return _losses(logits, labels, label_smoothing).mean(), (logits, changed)

        (loss, (logits, changed)), gradients = jax.value_and_grad(loss_of, has_aux=True)(state.variables["params"])
        updates, new = optimizer.update(gradients, state.optimizer, state.variables["params"])
        params = optax.apply_updates(state.variables["params"], updates)
        totals = Totals(
            state.totals.loss + loss * len(labels),
            state.totals.correct + (logits.argmax(-1) == labels).sum(),
            state.totals.count + len(labels),
        )
        return TrainState(state.step + 1, {**state.variables, **changed, "params": params}, new, totals), loss

    return step


def make_evaluate(network: Network, mesh: Mesh) -> Evaluate:
    """A function (variables, batches) -> metrics; compiled once for all calls."""

    @partial(jax.jit, out_shardings=devices.replicated(mesh))
    def step(variables: Variables, clips: Array, labels: Array, weights: Array) -> tuple[Array, Array]:
        logits, _ = network.apply(variables, to_real(clips), False, jax.random.key(0))
        classes = logits.shape[-1]
        truth = jax.nn.one_hot(labels, classes) * weights[:, None]
        confusion = truth.T @ jax.nn.one_hot(logits.argmax(-1), classes)
        return confusion, (_losses(logits, labels, 0.0) * weights).sum()

    def evaluate(variables: Variables, batches: Batches) -> Metrics:
        source = batches.source
        batches = replace(batches, shard=devices.process_shard())
        confusion, loss = np.zeros((len(source.classes),) * 2, np.int64), 0.0
        for batch in batches.epoch(0):
            counts, total = step(variables, *devices.put(batch, mesh))
            confusion += np.rint(np.asarray(counts)).astype(np.int64)
            loss += float(total)
        return Metrics(confusion, loss / len(source), source.classes, source.symmetry.ordered)

    return evaluate


def _losses(logits: Float[Array, "batch classes"], labels: Int32[Array, " batch"], smoothing: float) -> Array:
    """Cross-entropy of each clip, in nats."""
    targets = optax.smooth_labels(jax.nn.one_hot(labels, logits.shape[-1]), smoothing)
    return optax.softmax_cross_entropy(logits, targets)
