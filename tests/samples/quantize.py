"""Random QUANTIZE: rescaling, the end of functions of a float, or to int16 and back with operators in between."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.wide import draw_wide
from tests.tiny_model import activation
from verify.graph.tensor import DType, Tensor
from verify.ops.float_table import EXACT

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_quantize(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if draw(st.booleans()):
        return (draw_wide(draw, net, x),)
    result = net.activation(x.shape, draw(st.sampled_from([0.03, 0.1, 0.4])))
    if draw(st.booleans()):
        return (net.append("QUANTIZE", (x,), result, {}),)
    real = net.append("DEQUANTIZE", (x,), activation(net.next(), x.shape, dtype=DType.FLOAT32), {})
    for step in draw(st.lists(st.sampled_from(sorted(EXACT)), min_size=1, max_size=2)):
        real = net.append(step, (real,), activation(net.next(), x.shape, dtype=DType.FLOAT32), {})
    return (net.append("QUANTIZE", (real,), result, {}),)
