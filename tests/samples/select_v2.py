"""Random SELECT_V2, by a comparison."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.comparison import compared, selected
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_select_v2(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    condition = compared(draw, net, draw(st.sampled_from(["LESS", "GREATER_EQUAL"])), x, tensors)
    return (selected(draw, net, condition, x, tensors),)
