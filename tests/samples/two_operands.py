"""Operators of two operands: a tensor of the same shape, or a constant that stretches."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import several_images, twins
from tests.tiny_model import constant
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net

ACTIVATIONS = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")


def binary(
    draw: st.DrawFn, net: "Net", kind: str, x: Tensor, tensors: Sequence[Tensor], fuses: bool = True, axes: int = 5
) -> tuple[Tensor, ...]:
    """`fuses`: an activation may be part of the operator. Tensors of more than `axes` axes stretch nothing."""
    if draw(st.integers(0, 3)) or len(x.shape) > axes:
        operands = [x, draw(st.sampled_from(twins(x, tensors)))]
    else:
        shape = draw(st.sampled_from([(1,), x.shape[-1:], x.shape[1:] if several_images(x) else x.shape]))
        operands = [x, constant(net.next(), net.rng.integers(-128, 128, shape).astype("int8"), 0.05, 3)]
    if draw(st.booleans()):
        operands.reverse()
    options: dict[str, object] = {"fused_activation_function": draw(st.sampled_from(ACTIVATIONS))} if fuses else {}
    return (net.append(kind, operands, net.activation(x.shape, 0.1), options),)
