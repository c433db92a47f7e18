"""What layers with a kernel share: kernel, bias or batch normalization, activation."""

from collections.abc import Callable

import flax.linen as linen
import jax
import jax.numpy as jnp

from stjax.nn.activations import activation_function
from stjax.nn.layer import Layer
from stjax.nn.norm import BatchNorm


class Weighted(Layer, kw_only=True):
    """Base of layers that multiply by a kernel: y = activation(norm(kernel * x)) or activation(kernel * x + bias).

    Every kernel's last axis counts output channels. A layer with batch normalization has no bias of its own; after
    `fold_batch_norm` it has a bias and no normalization, and the same layer object takes such variables too.

    Args:
      use_bias: add a bias, unless `batch_norm` takes its place.
      batch_norm: normalize before the activation.
      activation: a name in `stjax.nn.activations`, or None.
      kernel_init: initializer of the kernel.
    """

    use_bias: bool = True
    batch_norm: bool = False
    activation: str | None = None
    kernel_init: Callable = linen.initializers.he_normal()

    def __post_init__(self) -> None:
        super().__post_init__()
        activation_function(self.activation)

    def _kernel(self, shape: tuple[int, ...]) -> jax.Array:
        if 0 in shape:
            raise ValueError(f"{self.label}: a kernel of shape {shape} is empty")
        return self.tap("kernel", jnp.asarray(self.param("kernel", self.kernel_init, shape)))

    def _finish(self, y: jax.Array, *more: jax.Array) -> jax.Array:
        """All that follows the multiplication: activation(norm(y + more)) or activation(y + bias + more).

        The bias goes to the first summand, where exporters fuse it with the operator that made it.
        """
        normalizes = self.batch_norm and not self._folded()
        if not normalizes and (self.use_bias or self.batch_norm):
            y = y + self.param("bias", linen.initializers.zeros_init(), (y.shape[-1],))
        y = sum(more, y)
        y = BatchNorm(name="norm")(y) if normalizes else y
        return self.tap("output", activation_function(self.activation)(y))

    def _folded(self) -> bool:
        """Whether the variables came out of `fold_batch_norm`."""
        return not self.is_initializing() and self.has_variable("params", "bias")
