"""Activation functions by name, and the layer that applies one."""

from collections.abc import Callable

import flax.linen as linen
import jax

from stjax.nn.layer import FrameLayer, FrameShape

ACTIVATIONS: dict[str, Callable[[jax.Array], jax.Array]] = {
    "relu": linen.relu,
    "relu6": linen.relu6,
    "sigmoid": linen.sigmoid,
    "hard_sigmoid": linen.hard_sigmoid,
    "hard_swish": linen.hard_swish,
    "tanh": linen.tanh,
}


def activation_function(name: str | None) -> Callable[[jax.Array], jax.Array]:
    """The function of that name; the identity for None.

    Raises:
      ValueError: if there is none.
    """
    if name is None:
        return lambda x: x
    if name not in ACTIVATIONS:
        raise ValueError(f'activation "{name}" is none of {", ".join(ACTIVATIONS)}')
    return ACTIVATIONS[name]


class Activation(FrameLayer):
    """An activation function as a layer of its own.

    Args:
      function: a name in `ACTIVATIONS`.
    """

    function: str

    def output_shape(self, frame_shape: FrameShape) -> FrameShape:
        return frame_shape

    def _frames(self, frames: jax.Array) -> jax.Array:
        return self.tap("output", activation_function(self.function)(frames))
