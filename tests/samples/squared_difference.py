"""Random SQUARED_DIFFERENCE."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.two_operands import binary
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_squared_difference(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return binary(draw, net, "SQUARED_DIFFERENCE", x, tensors, fuses=False, axes=4)
