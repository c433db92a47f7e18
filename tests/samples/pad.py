"""Random PAD and PADV2, mostly of images' sides."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from tests.samples.draws import MOST, several_images
from tests.tiny_model import constant
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def padded(draw: st.DrawFn, net: "Net", kind: str, x: Tensor, more: Sequence[Tensor]) -> tuple[Tensor, ...]:
    sides = np.zeros((len(x.shape), 2), np.int32)
    axes = (1, 2) if several_images(x) or (len(x.shape) == 4 and draw(st.booleans())) else range(len(x.shape))
    for axis in axes:
        sides[axis] = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    shape = [extent + int(both) for extent, both in zip(x.shape, sides.sum(1), strict=True)]
    if not sides.any() or np.prod(shape) > MOST:
        return ()
    return (net.append(kind, (x, constant(net.next(), sides), *more), net.like(x, shape), {}),)


def draw_pad(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    return padded(draw, net, "PAD", x, ())


def draw_padv2(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    assert x.quantization is not None
    scale, zero_point = x.quantization.scale[0], x.quantization.zero_point[0]
    value = constant(net.next(), np.array(draw(st.integers(-128, 127)), np.int8), scale, zero_point)
    return padded(draw, net, "PADV2", x, (value,))
