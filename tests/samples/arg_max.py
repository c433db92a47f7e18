"""Random ARG_MAX and ARG_MIN: int32 positions, which no other operator reads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import axis
from tests.tiny_model import activation
from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def drawn(draw: st.DrawFn, net: "Net", kind: str, x: Tensor) -> tuple[Tensor, ...]:
    if len(x.shape) < 2:
        return ()
    along = axis(draw, len(x.shape))
    y = activation(net.next(), (*x.shape[:along], *x.shape[along + 1 :]), dtype=DType.INT32)
    net.append(kind, (x, net.integers(along)), y, {"output_type": 2})
    return (x,)


def draw_arg_max(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return drawn(draw, net, "ARG_MAX", x)


def draw_arg_min(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return drawn(draw, net, "ARG_MIN", x)
