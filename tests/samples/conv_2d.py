"""Random CONV_2D, half of them 1 x 1."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import window
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_conv_2d(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) != 4:
        return ()
    shape = ((1, 1), (1, 1), (1, 1), "SAME") if draw(st.booleans()) else window(draw, x)
    return (net.conv(x, draw(st.integers(1, 4)), *shape),)
