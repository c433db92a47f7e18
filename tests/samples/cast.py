"""Random CAST to a wider type, whose end is a QUANTIZE back to int8."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.tiny_model import activation
from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_cast(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    dtype = draw(st.sampled_from((DType.INT16, DType.INT32, DType.FLOAT32)))
    y = net.append("CAST", (x,), activation(net.next(), x.shape, 0.5, 0, dtype), {})
    return (net.append("QUANTIZE", (y,), net.activation(x.shape, 0.4), {}),)
