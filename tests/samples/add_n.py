"""Random ADD_N."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import twins
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_add_n(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    others = draw(st.lists(st.sampled_from(twins(x, tensors, same_scale=True)), min_size=1, max_size=3))
    return (net.append("ADD_N", (x, *others), net.activation(x.shape, 0.2), {}),)
