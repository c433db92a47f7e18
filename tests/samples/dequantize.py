"""Random DEQUANTIZE, followed by the QUANTIZE that a network goes on with."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.tiny_model import activation
from verify.graph.tensor import DType, Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_dequantize(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    real = net.append("DEQUANTIZE", (x,), activation(net.next(), x.shape, dtype=DType.FLOAT32), {})
    return (net.append("QUANTIZE", (real,), net.activation(x.shape, 0.07), {}),)
