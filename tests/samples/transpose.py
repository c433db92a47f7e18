"""Random TRANSPOSE."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_transpose(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    order = draw(st.permutations(range(len(x.shape))))
    return (net.append("TRANSPOSE", (x, net.integers(*order)), net.like(x, [x.shape[k] for k in order]), {}),)
