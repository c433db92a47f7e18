"""Random SPLIT, SPLIT_V and UNPACK."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import axis
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def parts_of(net: "Net", x: Tensor, along: int, sizes: Sequence[int]) -> tuple[Tensor, ...]:
    return tuple(net.like(x, (*x.shape[:along], size, *x.shape[along + 1 :])) for size in sizes)


def draw_split(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    along = axis(draw, len(x.shape))
    count = draw(st.sampled_from([n for n in (1, 2, 3) if x.shape[along] % n == 0]))
    parts = parts_of(net, x, along, [x.shape[along] // count] * count)
    net.append_many("SPLIT", (net.integers(along), x), parts, {"num_splits": count})
    return parts


def draw_split_v(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Along the last axis, since results must have equally many rows."""
    along = len(x.shape) - 1
    if x.shape[along] < 2 or len(x.shape) == 1:
        return ()
    first = draw(st.integers(1, x.shape[along] - 1))
    sizes = (first, x.shape[along] - first)
    parts = parts_of(net, x, along, sizes)
    net.append_many("SPLIT_V", (x, net.integers(*sizes), net.integers(along)), parts, {"num_splits": 2})
    return parts


def draw_unpack(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    along = axis(draw, len(x.shape))
    if len(x.shape) == 1 or x.shape[along] > 4:
        return ()
    shape = x.shape[:along] + x.shape[along + 1 :]
    parts = tuple(net.like(x, shape) for _ in range(x.shape[along]))
    net.append_many("UNPACK", (x,), parts, {"num": x.shape[along], "axis": along})
    return parts
