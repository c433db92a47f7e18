"""Random SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: one after the other, with a dilated convolution in between or not."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import strategies as st

from tests.samples.draws import several_images
from tests.tiny_model import constant
from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_space_to_batch_nd(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Padded so that it falls into blocks; the file has one image for all parts, as of an open batch, or all."""
    if len(x.shape) != 4 or several_images(x):
        return ()
    block = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    before = draw(st.integers(0, 2)), draw(st.integers(0, 1))
    kernel = [draw(st.integers(1, 2)), draw(st.integers(1, 2))]
    after = [-(e + b) % n + n * k for e, b, n, k in zip(x.shape[1:3], before, block, kernel, strict=True)]
    parts = [(e + b + a) // n for e, b, a, n in zip(x.shape[1:3], before, after, block, strict=True)]
    images = draw(st.sampled_from([1, block[0] * block[1]]))
    blocks = net.integers(*block)
    sides = constant(net.next(), _pairs(before, after))
    apart = net.append("SPACE_TO_BATCH_ND", (x, blocks, sides), net.like(x, (images, *parts, x.shape[3])), {})
    y = net.conv(apart, draw(st.integers(1, 4)), kernel, (1, 1), (1, 1), "VALID")
    crops = before[0] if draw(st.booleans()) else 0, 0
    size = [e * n - c for e, n, c in zip(y.shape[1:3], block, crops, strict=True)]
    if min(size) < 1:
        size, crops = [e * n for e, n in zip(y.shape[1:3], block, strict=True)], (0, 0)
    together = y, blocks, constant(net.next(), _pairs(crops, (0, 0)))
    return (net.append("BATCH_TO_SPACE_ND", together, net.like(y, (1, *size, y.shape[3])), {}),)


def draw_batch_to_space_nd(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Of an image that really falls into parts."""
    if len(x.shape) != 4:
        return ()
    batch, height, width, depth = x.shape
    block = (2 if height % 2 == 0 else 1), (2 if width % 2 == 0 else 1)
    blocks, none = net.integers(*block), constant(net.next(), _pairs((0, 0), (0, 0)))
    parts = batch * block[0] * block[1], height // block[0], width // block[1], depth
    apart = net.append("SPACE_TO_BATCH_ND", (x, blocks, none), net.like(x, parts), {})
    return (net.append("BATCH_TO_SPACE_ND", (apart, blocks, none), net.like(x, x.shape), {}),)


def _pairs(before: Sequence[int], after: Sequence[int]) -> np.ndarray:
    return np.array(list(zip(before, after, strict=True)), np.int32)
