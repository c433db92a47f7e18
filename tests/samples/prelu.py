"""Random PRELU, alpha per channel or per element."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import several_images
from tests.tiny_model import constant
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_prelu(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    shape = draw(st.sampled_from([(1,), x.shape[-1:], x.shape[1:] if several_images(x) else x.shape]))
    alpha = constant(net.next(), net.rng.integers(-128, 128, shape).astype("int8"), 0.01, -7)
    return (net.append("PRELU", (x, alpha), net.activation(x.shape, 0.05), {}),)
