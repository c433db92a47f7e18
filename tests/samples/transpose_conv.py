"""Random TRANSPOSE_CONV, mostly to twice the size."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import MOST
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_transpose_conv(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) != 4:
        return ()
    kernel, stride = ([draw(st.integers(1, 4)) for _ in range(2)] for _ in range(2))
    channels, padding = draw(st.integers(1, 5)), draw(st.sampled_from(["SAME", "VALID"]))
    size = [e * s for e, s in zip(x.shape[1:3], stride, strict=True)]
    if padding == "VALID":
        size = [(e - 1) * s + k for e, s, k in zip(x.shape[1:3], stride, kernel, strict=True)]
    shape = (x.shape[0], *size, channels)
    if math.prod(shape) > MOST:
        return ()
    weights = net.weights((channels, *kernel, x.shape[3]), channels, 0)
    operands = [net.integers(*shape), weights, x]
    if draw(st.booleans()):
        operands.append(net.bias(channels, channels))
    options: dict[str, object] = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    options["fused_activation_function"] = draw(st.sampled_from(["NONE", "RELU6"]))
    return (net.append("TRANSPOSE_CONV", operands, net.activation(shape, 0.1), options),)
