"""Random CUMSUM along a short axis."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_cumsum(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    short = [axis for axis, extent in enumerate(x.shape) if extent <= 15]
    if not short:
        return ()
    options: dict[str, object] = {"exclusive": draw(st.booleans()), "reverse": draw(st.booleans())}
    axis = draw(st.sampled_from(short))
    return (net.append("CUMSUM", (x, net.integers(axis)), net.activation(x.shape, 0.2), options),)
