"""What the training loop knows of a model: how to make its variables, and how to apply them to a batch.

Everything that changes the computation without changing the loop, such as fake quantization, is a function from
Network to Network.
"""
# pyright: reportMissingImports=false

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Variables = dict[str, Any]
"""Flax collections by name: "params", which are optimized, and others, such as running averages."""

ParamTransform = Callable[[Any], Any]
"""params -> params of the same shapes; must let gradients through (straight-through estimators do)."""


@runtime_checkable
class Apply(Protocol):
    def __call__(
        self,
        variables: Mapping[str, Any],
        clips: Float[Array, "batch time height width channels"],
        train: bool,
        key: Array,
    ) -> tuple[Any, Variables]:
        """Logits, [batch classes], or [batch time classes] where frames have labels, or a tuple of such of a network of
        several outputs; and in training the new values of all collections but "params", otherwise {}.

        Args:
          variables: all collections.
          clips: real values in [0, 1].
          train: whether dropout, averaging and the like are on.
          key: for what is random in training.
        """
        ...


@dataclass(frozen=True)
class Network:
    """A model as two pure functions.

    Args:
      init: (key, one clip [time height width channels]) -> variables.
      apply: see `Apply`.
    """

    init: Callable[[Array, Array], Variables]
    apply: Apply


def from_module(
    module: nn.Module, train_flag: str | None = None, method: str | None = None, per_frame: bool = False
) -> Network:
    """A Flax module that maps one clip [time height width channels] to logits [classes], applied to batches by vmap.

    `__call__` is used, or `clip` where there is none. A module that answers once per frame, [time classes], is judged
    by its last answer, or `per_frame` by all of them. It may give a tuple of such logits.

    Modules may average over the batch: its axis is named "batch", as `nn.BatchNorm(axis_name=...)` wants to know.
    Collections other than "params" are averaged over the batch after each step; integers among them are taken from the
    first clip. Training alone has a random stream, named "dropout".

    Args:
      module: the model.
      train_flag: name of the bool argument that tells training from evaluation, if the method has one.
      method: name of the method to use instead, such as "both" of `stjax.nn.EarlyExit`.
      per_frame: whether frames have labels.
    """
    if method is None:
        method = "__call__" if any("__call__" in vars(kind) for kind in type(module).__mro__) else "clip"

    def arguments(train: bool) -> dict[str, Any]:
        return {"method": method} | ({} if train_flag is None else {train_flag: train})

    def init(key: Array, clip: Array) -> Variables:
        return dict(module.init(key, clip, **arguments(False)))

    def chosen(logits: Array) -> Array:
        return logits if per_frame or logits.ndim == 1 else logits[-1]

    def apply(variables: Mapping[str, Any], clips: Array, train: bool, key: Array) -> tuple[Any, Variables]:
        changing = sorted(set(variables) - {"params"}) if train else []

        def one(clip: Array, key: Array) -> tuple[Any, Variables]:
            streams = {"dropout": key} if train else None
            found: Any = module.apply(variables, clip, mutable=changing or False, rngs=streams, **arguments(train))
            logits, state = found if changing else (found, {})
            return jax.tree.map(chosen, logits), dict(state)

        logits, state = jax.vmap(one, axis_name="batch")(clips, jax.random.split(key, len(clips)))
        return logits, jax.tree.map(_over_batch, state)

    return Network(init, apply)


def with_transform(network: Network, transform: ParamTransform) -> Network:
    """Applies the model with `transform(params)` in place of params; the optimizer works on the original ones."""

    def apply(variables: Mapping[str, Any], clips: Array, train: bool, key: Array) -> tuple[Any, Variables]:
        return network.apply({**variables, "params": transform(variables["params"])}, clips, train, key)

    return replace(network, apply=apply)


def _over_batch(values: Array) -> Array:
    return values.mean(0) if jnp.issubdtype(values.dtype, jnp.floating) else values[0]
