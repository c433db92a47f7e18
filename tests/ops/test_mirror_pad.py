"""MIRROR_PAD."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, check_oracles, dependence, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis
from verify.graph.window import Window
from verify.ops.base import OperatorSource


def mirrored(shape: tuple[int, ...], sides: list[tuple[int, int]], mode: str) -> OperatorSource:
    padded = [b + extent + a for extent, (b, a) in zip(shape, sides, strict=True)]
    paddings = constant(2, np.array(sides, np.int32))
    return source_of("MIRROR_PAD", (activation(0, shape), paddings), activation(1, padded), mode=mode)


@st.composite
def paddings(draw: st.DrawFn) -> OperatorSource:
    mode = draw(st.sampled_from(["REFLECT", "SYMMETRIC"]))
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
    most = [extent - (mode == "REFLECT") for extent in shape]
    return mirrored(shape, [(draw(st.integers(0, m)), draw(st.integers(0, m))) for m in most], mode)


@settings(max_examples=30)
@given(paddings(), st.integers(0, 9))
def test_reference_and_kernel(source: OperatorSource, seed: int) -> None:
    shape = node_of(source).input_shapes[0]
    inputs = [int8(np.random.default_rng(seed), *shape)]
    check_oracles(source, inputs)
    check_kernel(source, inputs)


@pytest.mark.parametrize("mode", ["REFLECT", "SYMMETRIC"])
@pytest.mark.parametrize("sides", [(1, 1), (2, 0), (0, 3), (1, 2), (0, 0)])
def test_windows_hold_what_is_read_and_are_reached_at_both_ends(mode: str, sides: tuple[int, int]) -> None:
    """A sliding window cannot turn round as mirrored positions do, so it is as wide as the borders need."""
    source = mirrored((1, 14, 13, 2), [(0, 0), sides, sides, (0, 0)], mode)
    node, image = node_of(source), int8(np.random.default_rng(0), 1, 14, 13, 2)
    for axis, place in ((Axis.HEIGHT, 1), (Axis.WIDTH, 2)):
        window = node.op.window(0, axis)
        assert window is not None
        touched = dependence(node, [image], 0, place, np.random.default_rng(1))
        needs = [range(*window.need(y, y + 1, image.shape[place])) for y in range(len(touched))]
        assert all(reads <= set(need) for reads, need in zip(touched, needs, strict=True))
        # One position less at either end would not do.
        assert any(max(reads) == window.end(y) - 1 for y, reads in enumerate(touched))
        assert any(min(reads) == window.start(y) for y, reads in enumerate(touched))


def test_windows() -> None:
    op = node_of(mirrored((1, 9, 4, 2), [(0, 0), (1, 1), (1, 1), (0, 0)], "REFLECT")).op
    assert op.window(0, Axis.HEIGHT) == Window(kernel=5, pad_before=3)
    assert op.window(0, Axis.WIDTH) is None
    deep = node_of(mirrored((1, 9, 9, 2), [(0, 0), (1, 1), (1, 1), (1, 0)], "REFLECT")).op
    assert deep.window(0, Axis.HEIGHT) is None


def test_refusals() -> None:
    refuse(mirrored((1, 3, 3, 1), [(0, 0), (3, 0), (0, 0), (0, 0)], "REFLECT"), "of 0 to its extent less 1")
    refuse(mirrored((1, 3, 3, 1), [(0, 0), (4, 0), (0, 0), (0, 0)], "SYMMETRIC"), "of 0 to its extent;")
