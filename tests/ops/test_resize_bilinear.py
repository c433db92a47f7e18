"""RESIZE_BILINEAR."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, check_oracles, int8, refuse, source_of
from tests.tile_harness import check_every_run
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import Window
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.resize_bilinear import ResizeBilinear

MODES = [(False, False), (True, False), (False, True)]
SIZES = [(10, 6), (15, 7), (3, 2), (5, 3), (1, 1), (11, 4)]


def resize(shape, size, corners: bool = False, centers: bool = False, dtype: DType = DType.INT8) -> OperatorSource:
    x, y = activation(0, shape, dtype=dtype), activation(1, (shape[0], *size, shape[3]), dtype=dtype)
    fixed = constant(2, np.array(size, np.int32))
    return source_of("RESIZE_BILINEAR", (x, fixed), y, align_corners=corners, half_pixel_centers=centers)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=12)
@given(st.integers(1, 40), st.integers(1, 90), st.integers(1, 12), st.integers(1, 12), st.booleans())
def test_reference(mode: tuple[bool, bool], height: int, result: int, width: int, columns: int, extreme: bool) -> None:
    shape, rng = (2, height, width, 3), np.random.default_rng(0)
    image = rng.choice(np.array([-128, 127], np.int8), shape) if extreme else int8(rng, *shape)
    try:
        node_of(resize(shape, (result, columns), *mode))
    except UnsupportedError:
        return
    check_oracles(resize(shape, (result, columns), *mode), [image])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", SIZES)
def test_kernel(mode: tuple[bool, bool], size: tuple[int, int]) -> None:
    source = resize((1, 5, 3, 2), size, *mode)
    check_kernel(source, [int8(np.random.default_rng(0), 1, 5, 3, 2)])
    check_every_run(node_of(source))


def test_kernel_of_several_images() -> None:
    check_kernel(resize((2, 3, 4, 3), (7, 5), False, True), [int8(np.random.default_rng(0), 2, 3, 4, 3)])


def heard(op: ResizeBilinear, axis: int, position: int) -> set[int]:
    """Operand positions whose impulse a result position shows."""
    found = set()
    for place in range(op.shape[axis]):
        quiet = np.zeros(op.shape, np.int8)
        np.moveaxis(quiet, axis, 0)[place] = 127
        (result,) = op.reference([quiet], range(op.result[1]))
        if np.moveaxis(result.reshape(op.result), axis, 0)[position].any():
            found.add(place)
    return found


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("extent", "results"), [(4, 8), (3, 12), (7, 3), (5, 9), (3, 1), (1, 4), (6, 6), (9, 4)])
def test_windows_are_what_is_read(mode: tuple[bool, bool], extent: int, results: int) -> None:
    """Sound: nothing outside is heard. Tight: what is inside has a weight, if one that rounding may hide."""
    op = ResizeBilinear((1, extent, extent, 1), (1, results, results, 1), *mode)
    for axis, place in ((Axis.HEIGHT, 1), (Axis.WIDTH, 2)):
        window = op.window(0, axis)
        assert window is not None
        for position in range(results):
            low, high = window.need(position, position + 1, extent)
            at = Fraction(position * op.scale(place) + op.offset(place), 1024)
            weighed = {min(max(0, whole), extent - 1) for whole in (math.floor(at), math.ceil(at))}
            assert set(range(low, high)) == weighed
            assert heard(op, place, position) <= weighed


def test_twice_the_size_has_phases() -> None:
    """Every second result lies on a pixel, and waits for no other one."""
    op = ResizeBilinear((1, 8, 8, 1), (1, 16, 16, 1), False, False)
    assert op.window(0, Axis.HEIGHT) == Window(kernel=2, upsample=2, short=1)


def test_refusals() -> None:
    refuse(resize((1, 4, 4, 1), (8, 8), True, True), "with align_corners and half_pixel_centers is not supported")
    refuse(resize((1, 8, 8, 1), (192, 8)), "its scale has ten bits of fraction, by which TFLM would read behind")
    refuse(resize((1, 4, 4, 1), (8, 8), dtype=DType.UINT8), "RESIZE_BILINEAR on uint8 is not supported")
    x, y = activation(0, (1, 4, 4, 1), 0.5), activation(1, (1, 8, 8, 1), 0.25)
    size = constant(2, np.array([8, 8], np.int32))
    refuse(source_of("RESIZE_BILINEAR", (x, size), y), "all scales and zero points must be equal")
