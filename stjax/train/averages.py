"""Exponential moving averages of a network's variables, which vary less from step to step than the variables do."""
# pyright: reportMissingImports=false

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int32


def begun(variables: Any, decay: float | None) -> Any:
    """The averages before the first step: the variables; () where none are wanted."""
    # Copies: a step uses both up.
    return () if decay is None else jax.tree.map(jnp.copy, variables)


def moved(averages: Any, variables: Any, step: Int32[Array, ""], decay: float | None) -> Any:
    """The averages after a step.

    The first steps count more than `decay` says, so that where the variables began is soon forgotten: the decay is at
    most (1 + step) / (10 + step). Integers, such as counts of steps, are the newest.

    Args:
      step: how many steps were done before this one.
    """
    if decay is None:
        return averages
    keep = jnp.minimum(decay, (1 + step) / (10 + step))

    def move(average: Array, new: Array) -> Array:
        return keep * average + (1 - keep) * new if jnp.issubdtype(new.dtype, jnp.floating) else new

    return jax.tree.map(move, averages, variables)


def judged_by(variables: Any, averages: Any) -> Any:
    """What is evaluated and returned: the averages where there are any."""
    return variables if averages == () else averages
