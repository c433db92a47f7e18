"""Random comparisons, and the SELECT_V2 that a network goes on with: its own operator besides."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import twins
from tests.tiny_model import activation, constant
from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def compared(draw: st.DrawFn, net: "Net", kind: str, x: Tensor, tensors: Sequence[Tensor]) -> Tensor:
    """x and another tensor of its shape, or a value per channel; a bool for each element of x."""
    other = draw(st.sampled_from(twins(x, tensors)))
    if len(x.shape) <= 4 and draw(st.booleans()):
        other = constant(net.next(), net.rng.integers(-128, 128, x.shape[-1:]).astype("int8"), 0.05, 3)
    return net.append(kind, (x, other), activation(net.next(), x.shape, dtype=DType.BOOL), {})


def selected(draw: st.DrawFn, net: "Net", condition: Tensor, x: Tensor, tensors: Sequence[Tensor]) -> Tensor:
    """x where the condition holds, elsewhere a tensor of its shape or a value per channel."""
    other = draw(st.sampled_from(twins(x, tensors)))
    if draw(st.booleans()):
        other = constant(net.next(), net.rng.integers(-128, 128, x.shape[-1:]).astype("int8"), 0.05, 3)
    return net.append("SELECT_V2", (condition, x, other), net.like(x, x.shape), {})


def _drawn(draw: st.DrawFn, net: "Net", kind: str, x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return (selected(draw, net, compared(draw, net, kind, x, tensors), x, tensors),)


def draw_equal(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return _drawn(draw, net, "EQUAL", x, tensors)


def draw_not_equal(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return _drawn(draw, net, "NOT_EQUAL", x, tensors)


def draw_less(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return _drawn(draw, net, "LESS", x, tensors)


def draw_less_equal(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return _drawn(draw, net, "LESS_EQUAL", x, tensors)


def draw_greater(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return _drawn(draw, net, "GREATER", x, tensors)


def draw_greater_equal(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return _drawn(draw, net, "GREATER_EQUAL", x, tensors)
