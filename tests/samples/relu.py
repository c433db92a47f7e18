"""Random RELU, RELU6 and LEAKY_RELU."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_relu(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return (net.append("RELU", (x,), net.activation(x.shape, 0.05), {}),)


def draw_relu6(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return (net.append("RELU6", (x,), net.like(x, x.shape), {}),)


def draw_leaky_relu(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    alpha = draw(st.sampled_from([0.0, 0.1, 0.3]))
    return (net.append("LEAKY_RELU", (x,), net.activation(x.shape, 0.05), {"alpha": alpha}),)
