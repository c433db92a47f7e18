"""Random DEPTHWISE_CONV_2D, mostly of one result per channel."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import window
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_depthwise_conv_2d(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) != 4:
        return ()
    kernel, stride, dilation, padding = window(draw, x)
    return (net.depthwise(x, kernel, stride, dilation, 2 if draw(st.integers(0, 7)) == 7 else 1, padding),)
