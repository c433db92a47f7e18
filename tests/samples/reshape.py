"""Random RESHAPE, SQUEEZE and EXPAND_DIMS."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import axis
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_reshape(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    *leading, last = x.shape
    shapes = [(x.elements,), (1, x.elements), (1, 1, math.prod(leading), last), (1, math.prod(leading), 1, last)]
    shapes += [(1, x.shape[2], x.shape[1], last)] if len(x.shape) == 4 and x.shape[0] == 1 else []
    return (net.reshape(x, *draw(st.sampled_from(shapes))),)


def draw_squeeze(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    ones = [place for place, extent in enumerate(x.shape) if extent == 1]
    if not ones or len(ones) == len(x.shape):
        return ()
    gone = draw(st.lists(st.sampled_from(ones), min_size=1, unique=True))
    shape = [extent for place, extent in enumerate(x.shape) if place not in gone]
    return (net.append("SQUEEZE", (x,), net.like(x, shape), {"squeeze_dims": gone}),)


def draw_expand_dims(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) > 4:
        return ()
    place = axis(draw, len(x.shape) + 1)
    shape = (*x.shape[:place], 1, *x.shape[place:])
    return (net.append("EXPAND_DIMS", (x, net.integers(place)), net.like(x, shape), {}),)
