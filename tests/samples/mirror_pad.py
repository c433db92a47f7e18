"""Random MIRROR_PAD, mostly of images' sides."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from tests.samples.draws import MOST, several_images
from tests.tiny_model import constant
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_mirror_pad(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    mode = draw(st.sampled_from(["REFLECT", "SYMMETRIC"]))
    sides = np.zeros((len(x.shape), 2), np.int32)
    axes = (1, 2) if several_images(x) or (len(x.shape) == 4 and draw(st.booleans())) else range(len(x.shape))
    for axis in axes:
        most = min(2, x.shape[axis] - (mode == "REFLECT"))
        sides[axis] = draw(st.tuples(st.integers(0, most), st.integers(0, most)))
    shape = [extent + int(both) for extent, both in zip(x.shape, sides.sum(1), strict=True)]
    if not sides.any() or np.prod(shape) > MOST:
        return ()
    return (net.append("MIRROR_PAD", (x, constant(net.next(), sides)), net.like(x, shape), {"mode": mode}),)
