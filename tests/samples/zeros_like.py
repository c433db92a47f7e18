"""ZEROS_LIKE, added to what it is like."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_zeros_like(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    zeros = net.append("ZEROS_LIKE", (x,), net.like(x, x.shape), {})
    options: dict[str, object] = {"fused_activation_function": "NONE"}
    return (net.append("ADD", (x, zeros), net.activation(x.shape, 0.1), options),)
