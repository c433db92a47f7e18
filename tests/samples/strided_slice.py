"""Random SLICE and STRIDED_SLICE."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_slice(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    begin = [draw(st.integers(0, extent - 1)) for extent in x.shape]
    size = [draw(st.integers(1, extent - first)) for extent, first in zip(x.shape, begin, strict=True)]
    return (net.slice(x, begin, size),)


def draw_strided_slice(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Forwards or backwards; sometimes an axis is left out."""
    begin, end, strides, shape, shrunk = [], [], [], [], 0
    for place, extent in enumerate(x.shape):
        first, last = sorted((draw(st.integers(0, extent - 1)), draw(st.integers(0, extent - 1))))
        stride = draw(st.sampled_from([1, 1, 2, -1]))
        if len(x.shape) > 1 and draw(st.integers(0, 7)) == 7 and (shape or place + 1 < len(x.shape)):
            shrunk |= 1 << place
            stride = 1
        else:
            shape.append((last - first) // abs(stride) + 1)
        if stride < 0:
            first, last = last, first - extent - 2
        begin.append(first)
        end.append(last + 1)
        strides.append(stride)
    bounds = [net.integers(*values) for values in (begin, end, strides)]
    options: dict[str, object] = {"shrink_axis_mask": shrunk}
    return (net.append("STRIDED_SLICE", (x, *bounds), net.like(x, shape), options),)
