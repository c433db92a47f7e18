"""Random GATHER of some positions along one axis."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import axis
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_gather(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    along = axis(draw, len(x.shape))
    places = draw(st.lists(st.integers(0, x.shape[along] - 1), min_size=1, max_size=4))
    shape = (*x.shape[:along], len(places), *x.shape[along + 1 :])
    return (net.append("GATHER", (x, net.integers(*places)), net.like(x, shape), {"axis": along}),)
