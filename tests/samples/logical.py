"""Random LOGICAL_AND, LOGICAL_OR and LOGICAL_NOT of comparisons, and the SELECT_V2 that a network goes on with."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.comparison import compared, selected
from tests.tiny_model import activation
from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def _drawn(
    draw: st.DrawFn, net: "Net", kind: str, x: Tensor, tensors: Sequence[Tensor], kinds: Sequence[str]
) -> tuple[Tensor, ...]:
    operands = [compared(draw, net, relation, x, tensors) for relation in kinds]
    condition = net.append(kind, operands, activation(net.next(), x.shape, dtype=DType.BOOL), {})
    return (selected(draw, net, condition, x, tensors),)


def draw_logical_and(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return _drawn(draw, net, "LOGICAL_AND", x, tensors, ["LESS", "NOT_EQUAL"])


def draw_logical_or(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return _drawn(draw, net, "LOGICAL_OR", x, tensors, ["GREATER", "EQUAL"])


def draw_logical_not(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return _drawn(draw, net, "LOGICAL_NOT", x, tensors, ["LESS_EQUAL"])
