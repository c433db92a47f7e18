"""RESIZE_NEAREST_NEIGHBOR."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import Window
from verify.ops.base import OperatorSource
from verify.ops.resize_nearest_neighbor import nearest
from verify.ops.sampled import window_of

MODES = [(False, False), (True, False), (False, True)]


def resize(shape, size, corners: bool = False, centers: bool = False, dtype: DType = DType.INT8) -> OperatorSource:
    x, y = activation(0, shape, dtype=dtype), activation(1, (shape[0], *size, shape[3]), dtype=dtype)
    fixed = constant(2, np.array(size, np.int32))
    return source_of("RESIZE_NEAREST_NEIGHBOR", (x, fixed), y, align_corners=corners, half_pixel_centers=centers)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=60)
@given(st.integers(1, 40), st.integers(1, 90), st.integers(1, 12), st.integers(1, 12))
def test_reference(mode: tuple[bool, bool], height: int, result: int, width: int, columns: int) -> None:
    shape = (1, height, width, 1)
    check_oracles(resize(shape, (result, columns), *mode), [int8(np.random.default_rng(0), *shape)])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [(10, 6), (15, 7), (3, 2), (5, 3), (1, 1)])
def test_kernel_and_windows(mode: tuple[bool, bool], size: tuple[int, int]) -> None:
    shape = (1, 5, 3, 2)
    inputs = [int8(np.random.default_rng(0), *shape)]
    source = resize(shape, size, *mode)
    check_kernel(source, inputs)
    check_region(source, inputs)


def test_batches_and_wide_elements() -> None:
    rng = np.random.default_rng(0)
    source = resize((3, 2, 3, 2), (4, 4))
    inputs = [int8(rng, 3, 2, 3, 2)]
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    assert node_of(source).op.window(0, Axis.HEIGHT) is None
    check_kernel(resize((1, 2, 3, 2), (4, 4), dtype=DType.FLOAT32), [rng.normal(size=(1, 2, 3, 2)).astype(np.float32)])


def taking(positions: tuple[int, ...], extent: int) -> Window | None:
    return window_of(positions, tuple(p + 1 for p in positions), extent)


@pytest.mark.parametrize("factor", range(1, 12))
@pytest.mark.parametrize("centers", [False, True])
def test_integer_factors_have_the_plain_window(factor: int, centers: bool) -> None:
    for extent in (2, 3, 7, 40):
        positions = nearest(extent, extent * factor, False, centers)
        if positions == tuple(i // factor for i in range(extent * factor)):  # not always, in float32
            window = taking(positions, extent)
            assert window is not None and (window.stride, window.upsample, window.kernel) == (1, factor, 1)
    every = nearest(extent * factor, extent, False, centers)
    window = taking(every, extent * factor)
    assert window is not None and (window.stride, window.upsample, window.kernel) == (factor, 1, 1)


@settings(max_examples=60)
@given(st.integers(1, 40), st.integers(1, 90), st.sampled_from(MODES))
def test_other_factors_stream_too(extent: int, results: int, mode: tuple[bool, bool]) -> None:
    """A window is claimed only where it is exact; that there is one is seen to hold."""
    positions = nearest(extent, results, *mode)
    window = taking(positions, extent)
    assert window is not None
    assert [window.need(y, y + 1, extent) for y in range(results)] == [(p, p + 1) for p in positions]


def test_positions_in_no_even_steps_have_no_window() -> None:
    assert taking((0, 1, 5, 6, 7, 8, 9), 10) is None
    assert window_of((0, 0, 0), (1, 3, 3), 9) is None


def test_refusals() -> None:
    x, y = activation(0, (2, 3, 4)), activation(1, (2, 3, 4))
    size = constant(2, np.array([2, 2], np.int32))
    refuse(
        source_of("RESIZE_NEAREST_NEIGHBOR", (x, size), y), "of this rank is not supported; the operand must have four"
    )
    image = activation(0, (1, 2, 3, 4))
    computed = activation(2, (2,), dtype=DType.INT32)
    refuse(source_of("RESIZE_NEAREST_NEIGHBOR", (image, computed), y), "computed size is not supported")
    none = constant(2, np.array([0, 2], np.int32))
    refuse(source_of("RESIZE_NEAREST_NEIGHBOR", (image, none), y), "it must be two positive integers")
