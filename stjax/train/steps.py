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
from jaxtyping import Array, Float32, Int32, UInt8

from stjax.data.frames import to_real
from stjax.data.pipeline import Batches
from stjax.train import averages, devices
from stjax.train.config import TrainConfig
from stjax.train.losses import judged, label_weights, loss_of, outputs_of
from stjax.train.metrics import Metrics
from stjax.train.network import Network, Variables


class Totals(NamedTuple):
    """Sums over the steps of an epoch so far. They are part of the state, so that a resumed epoch reports all of it."""

    loss: Float32[Array, ""]
    clips: Int32[Array, ""]
    correct: Int32[Array, ""]
    labels: Int32[Array, ""]


class TrainState(NamedTuple):
    """All that a step needs and changes; `step` counts the steps done, `averages` are () where there are none."""

    step: Int32[Array, ""]
    variables: Variables
    averages: Any
    optimizer: optax.OptState
    totals: Totals

    @property
    def judged(self) -> Variables:
        """What is evaluated and returned."""
        return averages.judged_by(self.variables, self.averages)


TrainStep = Callable[[TrainState, Array, Array], tuple[TrainState, Array]]
Evaluate = Callable[[Variables, Batches], Metrics]


def no_totals() -> Totals:
    # One array each: buffers that are given away may not be shared.
    return Totals(jnp.zeros((), jnp.float32), *(jnp.zeros((), jnp.int32) for _ in range(3)))


def initial_state(
    network: Network,
    optimizer: optax.GradientTransformation,
    clip: UInt8[np.ndarray, "..."],
    config: TrainConfig,
    mesh: Mesh,
) -> TrainState:
    """The state before the first step, on all devices. `clip` gives the shape."""

    def make(key: Array) -> TrainState:
        variables = network.init(key, to_real(jnp.asarray(clip)))
        begun = averages.begun(variables, config.ema_decay)
        return TrainState(jnp.zeros((), jnp.int32), variables, begun, optimizer.init(variables["params"]), no_totals())

    return jax.jit(make, out_shardings=devices.replicated(mesh))(jax.random.key(config.seed))


def make_train_step(
    network: Network, optimizer: optax.GradientTransformation, mesh: Mesh, config: TrainConfig
) -> TrainStep:
    """A compiled function (state, clips, labels) -> (state, mean loss of the batch). The old state is used up."""
    loss_function = loss_of(config, training=True)

    @partial(jax.jit, donate_argnums=0, out_shardings=devices.replicated(mesh))
    def step(state: TrainState, clips: Array, labels: Array) -> tuple[TrainState, Array]:
        key = jax.random.fold_in(jax.random.key(config.seed), state.step)

        def loss_of_params(params: Any) -> tuple[Array, tuple[Any, Variables]]:
            answer, changed = network.apply({**state.variables, "params": params}, to_real(clips), True, key)
            known = judged(labels, answer)
            losses = loss_function(answer, known, label_weights(known, config.class_weights))
            return losses.mean(), (answer, changed)

        (loss, (answer, changed)), gradients = jax.value_and_grad(loss_of_params, has_aux=True)(
            state.variables["params"]
        )
        updates, new = optimizer.update(gradients, state.optimizer, state.variables["params"])
        params = optax.apply_updates(state.variables["params"], updates)
        variables = {**state.variables, **changed, "params": params}
        moved = averages.moved(state.averages, variables, state.step, config.ema_decay)
        known = judged(labels, answer)
        totals = Totals(
            state.totals.loss + loss * len(labels),
            state.totals.clips + len(labels),
            state.totals.correct + (outputs_of(answer)[-1].argmax(-1) == known).sum(),
            state.totals.labels + (known >= 0).sum(),
        )
        return TrainState(state.step + 1, variables, moved, new, totals), loss

    return step


def make_evaluate(network: Network, mesh: Mesh, config: TrainConfig) -> Evaluate:
    """A function (variables, batches) -> metrics; compiled once for all calls."""
    functions = {"loss": loss_of(config, training=False), **{f"more/{name}": f for name, f in config.metrics.items()}}

    @partial(jax.jit, out_shardings=devices.replicated(mesh))
    def step(
        variables: Variables, clips: Array, labels: Array, weights: Array
    ) -> tuple[tuple[Array, ...], dict[str, Array]]:
        answer, _ = network.apply(variables, to_real(clips), False, jax.random.key(0))
        known = judged(labels, answer)
        counts = tuple(_confusion(output, known, weights) for output in outputs_of(answer))
        of_labels = label_weights(known, None)
        return counts, {name: (f(answer, known, of_labels) * weights).sum() for name, f in functions.items()}

    def evaluate(variables: Variables, batches: Batches) -> Metrics:
        source, shard = batches.source, devices.process_shard()
        # Other batches than the given ones would have other workers, started anew for each evaluation.
        batches = batches if batches.shard == shard else replace(batches, shard=shard)
        confusions: list[np.ndarray] = []
        sums = dict.fromkeys(functions, 0.0)
        for batch in batches.epoch(0):
            counts, values = step(variables, *devices.put(batch, mesh))
            found = [np.rint(np.asarray(count)).astype(np.int64) for count in counts]
            confusions = [a + b for a, b in zip(confusions, found, strict=True)] if confusions else found
            sums = {name: total + float(values[name]) for name, total in sums.items()}
        means = {name: total / len(source) for name, total in sums.items()}
        *earlier, last = (Metrics(c, means["loss"], source.classes, source.symmetry.ordered) for c in confusions)
        more = {name.removeprefix("more/"): mean for name, mean in means.items() if name != "loss"}
        return replace(last, more=more, earlier=tuple(earlier))

    return evaluate


def _confusion(logits: Array, labels: Array, weights: Array) -> Array:
    """Labels by class, true and predicted; -1 is none, and clips of weight 0 do not count."""
    classes = logits.shape[-1]
    truth = jax.nn.one_hot(labels, classes) * weights.reshape(-1, *(1,) * labels.ndim)
    predicted = jax.nn.one_hot(logits.argmax(-1), classes)
    return truth.reshape(-1, classes).T @ predicted.reshape(-1, classes)
