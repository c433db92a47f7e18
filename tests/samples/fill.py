"""Random FILL, added to a tensor."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from tests.tiny_model import activation, constant
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_fill(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    value = constant(net.next(), np.array(draw(st.integers(-128, 127)), np.int8), 0.05, 3)
    result = activation(net.next(), x.shape, 0.05, 3)
    filled = net.append("FILL", (net.integers(*x.shape), value), result, {})
    return (net.add(x, filled),)
