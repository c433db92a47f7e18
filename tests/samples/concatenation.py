"""Random CONCATENATION and PACK."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import MOST, axis, several_images, twins
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_concatenation(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    along = len(x.shape) - 1 if several_images(x) or draw(st.booleans()) else axis(draw, len(x.shape))
    others = [
        t
        for t in tensors
        if t.quantization == x.quantization
        and t.shape[:along] + t.shape[along + 1 :] == x.shape[:along] + x.shape[along + 1 :]
        if len(t.shape) == len(x.shape)
    ]
    parts = [x, *draw(st.lists(st.sampled_from(others), min_size=1, max_size=2))]
    shape = (*x.shape[:along], sum(part.shape[along] for part in parts), *x.shape[along + 1 :])
    if sum(part.elements for part in parts) > MOST:
        return ()
    options: dict[str, object] = {"axis": along, "fused_activation_function": "NONE"}
    return (net.append("CONCATENATION", parts, net.like(x, shape), options),)


def draw_pack(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    parts = [x, *draw(st.lists(st.sampled_from(twins(x, tensors, same_scale=True)), max_size=2))]
    if len(x.shape) > 4 or len(parts) * x.elements > MOST:
        return ()
    along = axis(draw, len(x.shape) + 1)
    shape = (*x.shape[:along], len(parts), *x.shape[along:])
    return (net.append("PACK", parts, net.like(x, shape), {"axis": along, "values_count": len(parts)}),)
