"""SHAPE, by which a tensor is reshaped to what it is."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_shape(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    extents = Tensor(net.next(), "shape", (len(x.shape),), DType.INT32, None)
    net.append("SHAPE", (x,), extents, {"out_type": 2})
    return (net.append("RESHAPE", (x, extents), net.like(x, x.shape), {}),)
