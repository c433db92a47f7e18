"""Random L2_NORMALIZATION."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.tiny_model import activation
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_l2_normalization(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) > 4:
        return ()
    return (net.append("L2_NORMALIZATION", (x,), activation(net.next(), x.shape, 1 / 128), {}),)
