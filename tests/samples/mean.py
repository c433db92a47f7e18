"""Random MEAN and SUM over one axis or more, not over all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def reduced(draw: st.DrawFn, net: "Net", kind: str, x: Tensor, scale: float) -> tuple[Tensor, ...]:
    axes = draw(st.lists(st.integers(0, len(x.shape) - 1), min_size=1, unique=True))
    keep = draw(st.booleans())
    if len(axes) == len(x.shape) and not keep:
        return ()
    return (net.mean(x, axes, keep, kind, scale),)


def draw_mean(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return reduced(draw, net, "MEAN", x, 0.02)


def draw_sum(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return reduced(draw, net, "SUM", x, 0.3)
