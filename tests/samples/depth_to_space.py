"""Random DEPTH_TO_SPACE and SPACE_TO_DEPTH, by the block that fits."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from verify.graph.tensor import Tensor

if TYPE_CHECKING:
    from tests.random_models import Net


def draw_depth_to_space(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) != 4:
        return ()
    n, height, width, depth = x.shape
    block = next((b for b in (3, 2) if depth % b**2 == 0), 1)
    shape = n, height * block, width * block, depth // block**2
    return (net.append("DEPTH_TO_SPACE", (x,), net.like(x, shape), {"block_size": block}),)


def draw_space_to_depth(draw: st.DrawFn, net: "Net", x: Tensor, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
    if len(x.shape) != 4:
        return ()
    n, height, width, depth = x.shape
    block = next((b for b in (2, 3) if height % b == width % b == 0), 1)
    shape = n, height // block, width // block, depth * block**2
    return (net.append("SPACE_TO_DEPTH", (x,), net.like(x, shape), {"block_size": block}),)
