"""Random FULLY_CONNECTED over the last axis; of a matrix sometimes with weights that are computed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import twins
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_fully_connected(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) == 2 and draw(st.booleans()):
        weights = draw(st.sampled_from(twins(x, tensors)))
        y = net.activation((x.shape[0], x.shape[0]), 0.1)
        return (net.append("FULLY_CONNECTED", (x, weights, net.bias(x.shape[0], 1)), y, {}),)
    units = draw(st.integers(1, 4))
    weights = net.weights((units, x.shape[-1]), 1, 0)
    y = net.activation((*x.shape[:-1], units), 0.1)
    return (net.append("FULLY_CONNECTED", (x, weights, net.bias(units, 1)), y, {"keep_num_dims": True}),)
