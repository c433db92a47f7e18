"""Random DIV, of scales that it takes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import twins
from tests.samples.two_operands import ACTIVATIONS
from tests.tiny_model import constant
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_div(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    divisor = draw(st.sampled_from(twins(x, tensors)))
    if draw(st.booleans()):
        divisor = constant(net.next(), net.rng.integers(-128, 128, x.shape[-1:]).astype("int8"), 0.05, 3)
    assert x.quantization is not None
    assert divisor.quantization is not None
    ratio = x.quantization.scale[0] / divisor.quantization.scale[0]
    y = net.activation(x.shape, ratio / draw(st.sampled_from([100, 3000])))
    options: dict[str, object] = {"fused_activation_function": draw(st.sampled_from(ACTIVATIONS))}
    return (net.append("DIV", (x, divisor), y, options),)
