"""Random GATHER_ND of some slices, along at most all axes but the last."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from tests.tiny_model import constant
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_gather_nd(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) < 2:
        return ()
    depth, count = draw(st.integers(1, len(x.shape) - 1)), draw(st.integers(1, 3))
    places = [[draw(st.integers(0, extent - 1)) for extent in x.shape[:depth]] for _ in range(count)]
    at = constant(net.next(), np.array(places, np.int32))
    return (net.append("GATHER_ND", (x, at), net.like(x, (count, *x.shape[depth:])), {}),)
