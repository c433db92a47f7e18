"""What training minimizes: cross-entropy by clips or by frames, over one output or several, or a function of one's own.

Labels are int32, [batch] or [batch, time]; -1 stands for what has no label and takes no part. A network that drops
frames at a clip's start answers for the last ones, and is judged by their labels.
"""
# pyright: reportMissingImports=false

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import jax.nn
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Int32

if TYPE_CHECKING:  # the config has a loss among its fields
    from stjax.train.config import TrainConfig

Loss = Callable[[Any, Array, Array], Array]
"""(outputs, labels, weights) -> one value per example, [batch]. A metric of one's own has the same form.

outputs   [batch, classes], or [batch, time, classes] of a network that answers per frame; a tuple of such where the
          network has several outputs
labels    [batch] or [batch, time]
weights   of each label, its shape: the class's weight in training, 1 in evaluation; 0 where there is no label
"""


def cross_entropy(
    outputs: Float[Array, "*labels classes"],
    labels: Int32[Array, "*labels"],
    weights: Float[Array, "*labels"],
    smoothing: float = 0.0,
) -> Float[Array, " batch"]:
    """Cross-entropy in nats, each label's multiplied by its weight; by frames, the mean over those that have a label.

    Args:
      smoothing: weight of the uniform distribution in the target.
    """
    targets = optax.smooth_labels(jax.nn.one_hot(labels, outputs.shape[-1]), smoothing)
    losses = optax.softmax_cross_entropy(outputs, targets) * weights
    return losses if labels.ndim == 1 else losses.sum(-1) / jnp.maximum((labels >= 0).sum(-1), 1)


def loss_of(config: "TrainConfig", training: bool) -> Loss:
    """The loss of a run. Smoothing belongs to training only."""
    if config.loss is not None:
        return config.loss
    return partial(_of_outputs, config.output_weights, config.label_smoothing if training else 0.0)


def label_weights(labels: Int32[Array, "*labels"], class_weights: tuple[float, ...] | None) -> Float[Array, "*labels"]:
    """The weight of each label: its class's, or 1; 0 where there is none."""
    known = labels >= 0
    if class_weights is None:
        return known.astype(jnp.float32)
    return jnp.where(known, jnp.asarray(class_weights, jnp.float32)[jnp.maximum(labels, 0)], 0)


def outputs_of(answer: Any) -> tuple[Array, ...]:
    """A network's outputs, of one or of several."""
    return answer if isinstance(answer, tuple) else (answer,)


def judged(labels: Int32[Array, "*labels"], answer: Any) -> Int32[Array, "*labels"]:
    """The labels of the frames that the network answers for."""
    return labels if labels.ndim == 1 else labels[:, -outputs_of(answer)[0].shape[1] :]


def _of_outputs(output_weights: tuple[float, ...] | None, smoothing: float, answer: Any, labels: Array, weights: Array):
    outputs = outputs_of(answer)
    shares = (1.0,) * len(outputs) if output_weights is None else output_weights
    losses = [cross_entropy(output, labels, weights, smoothing) for output in outputs]
    return sum((s * loss for s, loss in zip(shares[1:], losses[1:], strict=True)), shares[0] * losses[0])
