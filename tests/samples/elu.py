"""Random ELU."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_elu(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return (net.append("ELU", (x,), net.activation(x.shape, draw(st.sampled_from([0.03, 0.05, 0.2]))), {}),)
