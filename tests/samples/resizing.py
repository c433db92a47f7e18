"""Random resizing: mostly twice or three times the size."""

import math
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from tests.samples.draws import MOST
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def resized(draw: st.DrawFn, net: "Net", kind: str, x: Tensor) -> tuple[Tensor, ...]:
    if len(x.shape) != 4:
        return ()
    if draw(st.integers(0, 3)):
        size = [extent * draw(st.integers(1, 3)) for extent in x.shape[1:3]]
    else:
        size = [draw(st.integers(1, 8)), draw(st.integers(1, 8))]
    shape = (x.shape[0], *size, x.shape[3])
    if math.prod(shape) > MOST:
        return ()
    names = draw(st.sampled_from([(), ("align_corners",), ("half_pixel_centers",)]))
    options: dict[str, object] = dict.fromkeys(names, True)
    return (net.append(kind, (x, net.integers(*size)), net.like(x, shape), options),)
