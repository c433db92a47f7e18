"""Random MAXIMUM and MINIMUM."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.two_operands import binary
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_maximum(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return binary(draw, net, "MAXIMUM", x, tensors, fuses=False)


def draw_minimum(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return binary(draw, net, "MINIMUM", x, tensors, fuses=False)
