"""Random GATHER of some positions along one axis: constant ones, or those of the largest elements."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import axis
from tests.tiny_model import activation
from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_gather(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    along = axis(draw, len(x.shape))
    if len(x.shape) > 1 and draw(st.booleans()):
        largest = activation(net.next(), x.shape[:-1], dtype=DType.INT32)
        net.append("ARG_MAX", (x, net.integers(len(x.shape) - 1)), largest, {"output_type": 2})
        if len(x.shape) <= 3:  # the result has one axis less than both together
            shape = (*x.shape[:along], *largest.shape, *x.shape[along + 1 :])
            return (net.append("GATHER", (x, largest), net.like(x, shape), {"axis": along}),)
    places = draw(st.lists(st.integers(0, x.shape[along] - 1), min_size=1, max_size=4))
    shape = (*x.shape[:along], len(places), *x.shape[along + 1 :])
    return (net.append("GATHER", (x, net.integers(*places)), net.like(x, shape), {"axis": along}),)
