"""Random LOG_SOFTMAX."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.tiny_model import activation
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_log_softmax(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return (net.append("LOG_SOFTMAX", (x,), activation(net.next(), x.shape, 1 / 16, 127), {}),)
