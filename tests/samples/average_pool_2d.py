"""Random AVERAGE_POOL_2D."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import window
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_average_pool_2d(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) != 4:
        return ()
    kernel, stride, _, padding = window(draw, x, dilate=False)
    return (net.pool("AVERAGE_POOL_2D", x, kernel, stride, padding),)
