"""Random REDUCE_MAX and REDUCE_MIN over one axis or more, not over all."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def reduced(draw: st.DrawFn, net: "Net", kind: str, x: Tensor) -> tuple[Tensor, ...]:
    axes = draw(st.lists(st.integers(0, len(x.shape) - 1), min_size=1, unique=True))
    keep = draw(st.booleans())
    if len(axes) == len(x.shape) and not keep:
        return ()
    shape = [1 if axis in axes else extent for axis, extent in enumerate(x.shape) if keep or axis not in axes]
    return (net.append(kind, (x, net.integers(*axes)), net.like(x, shape), {"keep_dims": keep}),)


def draw_reduce_max(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return reduced(draw, net, "REDUCE_MAX", x)


def draw_reduce_min(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return reduced(draw, net, "REDUCE_MIN", x)
