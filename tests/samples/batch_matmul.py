"""Random BATCH_MATMUL: of two tensors of one shape, one of them transposed, or by a constant matrix."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import MOST, twins
from tests.tiny_model import constant
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_batch_matmul(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) < 2:
        return ()
    adj_x, by_constant = draw(st.booleans()), draw(st.booleans())
    *leading, rows, depth = x.shape
    if adj_x:
        rows, depth = depth, rows
    y, columns, adj_y = draw(st.sampled_from(twins(x, tensors))), rows, not adj_x
    if by_constant:
        columns, adj_y = draw(st.integers(1, 4)), draw(st.booleans())
        extents = (columns, depth) if adj_y else (depth, columns)
        y = constant(net.next(), net.rng.integers(-128, 128, extents).astype("int8"), 0.03, 5)
    shape = (*leading, rows, columns)
    if math.prod(shape) > MOST:
        return ()
    options: dict[str, object] = {"adj_x": adj_x, "adj_y": adj_y}
    return (net.append("BATCH_MATMUL", (x, y), net.activation(shape, 0.1), options),)
