"""Random BROADCAST_TO along the axes of one position."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import MOST
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_broadcast_to(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    shape = [draw(st.integers(1, 3)) if extent == 1 and axis else extent for axis, extent in enumerate(x.shape)]
    if math.prod(shape) > MOST:
        return ()
    return (net.append("BROADCAST_TO", (x, net.integers(*shape)), net.like(x, shape), {}),)
