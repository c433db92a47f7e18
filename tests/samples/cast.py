"""Random CAST: to another type and back, or of a comparison's bools."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.tiny_model import activation
from verify.graph.tensor import DType, Tensor
from verify.ops.cast import TYPES

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_cast(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    dtype = draw(st.sampled_from([dtype for dtype in TYPES if dtype is not DType.INT8]))
    y = net.append("CAST", (x,), activation(net.next(), x.shape, 0.05, 0, dtype), {})
    return (net.append("CAST", (y,), net.like(x, x.shape), {}),)
