"""SLICE and STRIDED_SLICE."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import Window
from verify.ops.base import OperatorSource

MASKS = {"begin_mask": 0, "end_mask": 0, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 0}


def fixed(index: int, *values: int):
    return constant(index, np.array(values, np.int32))


def strided(shape, begin, end, strides, dtype: DType = DType.INT8, result=None, **masks: int) -> OperatorSource:
    """A STRIDED_SLICE; the result's shape follows from Python's slices unless given."""
    masks = MASKS | masks
    if result is None:
        index = []
        for axis, bounds in enumerate(zip(begin, end, strides, strict=True)):
            first, last, stride = bounds
            open_first, open_last, shrink = (
                masks[m] >> axis & 1 for m in ("begin_mask", "end_mask", "shrink_axis_mask")
            )
            index.append(first if shrink else slice(None if open_first else first, None if open_last else last, stride))
        result = np.empty(shape)[tuple(index)].shape
    inputs = (activation(0, shape, dtype=dtype), fixed(2, *begin), fixed(3, *end), fixed(4, *strides))
    return source_of("STRIDED_SLICE", inputs, activation(1, result, dtype=dtype), **masks)


def sliced(shape, begin, size, dtype: DType = DType.INT8) -> OperatorSource:
    result = [extent - b if s == -1 else s for extent, b, s in zip(shape, begin, size, strict=True)]
    inputs = (activation(0, shape, dtype=dtype), fixed(2, *begin), fixed(3, *size))
    return source_of("SLICE", inputs, activation(1, result, dtype=dtype))


@st.composite
def strided_slices(draw: st.DrawFn, max_rank: int) -> OperatorSource:
    rank = draw(st.integers(1, max_rank))
    shape, begin, end, strides = [], [], [], []
    masks = dict.fromkeys(("begin_mask", "end_mask", "shrink_axis_mask"), 0)
    for axis in range(rank):
        extent = draw(st.integers(1, 6))
        stride = draw(st.sampled_from((1, 1, 2, 3, -1, -2)))
        first = draw(st.integers(0, extent - 1))
        if draw(st.integers(0, 4)) == 0:
            masks["shrink_axis_mask"] |= 1 << axis
            stride = 1
        last = draw(st.integers(first + 1, extent + 2)) if stride > 0 else draw(st.integers(-1, first - 1))
        last = -extent - 1 if last < 0 else last  # in front of the first position, counted from the end
        if draw(st.booleans()) and not masks["shrink_axis_mask"] >> axis & 1:
            masks["end_mask"] |= 1 << axis
        if draw(st.booleans()) and not masks["shrink_axis_mask"] >> axis & 1:
            masks["begin_mask"] |= 1 << axis
        first -= extent if draw(st.booleans()) else 0
        for values, value in zip((shape, begin, end, strides), (extent, first, last, stride), strict=True):
            values.append(value)
    return strided(tuple(shape), begin, end, strides, **masks)


@settings(max_examples=120)
@given(strided_slices(max_rank=4), st.integers(0, 2**32 - 1))
def test_reference(source: OperatorSource, seed: int) -> None:
    shape = source.inputs[0].shape
    check_oracles(source, [int8(np.random.default_rng(seed), *shape)], tflm=source.outputs[0].shape != ())


@settings(max_examples=20)
@given(strided_slices(max_rank=5), st.integers(0, 2**32 - 1))
def test_kernel_equals_reference(source: OperatorSource, seed: int) -> None:
    inputs = [int8(np.random.default_rng(seed), *source.inputs[0].shape)]
    check_kernel(source, inputs)
    check_region(source, inputs)


@pytest.mark.parametrize(
    ("bounds", "height", "width"),
    [
        (((0, 2, 1, 0), (1, 7, 4, 3), (1, 1, 1, 1)), Window(pad_before=-2), Window(pad_before=-1)),
        (((0, 1, 0, 1), (1, 9, 5, 3), (1, 3, 2, 1)), Window(stride=3, pad_before=-1), Window(stride=2)),
        (((0, 8, 0, 0), (1, 2, 5, 3), (1, -2, 1, 2)), None, Window()),
        (((0, 0, 4, 0), (1, 9, 0, 3), (1, 1, -1, 1)), Window(), None),
    ],
)
def test_windows(bounds, height: Window | None, width: Window | None) -> None:
    source = strided((1, 9, 5, 3), *bounds)
    op = node_of(source).op
    assert (op.window(0, Axis.HEIGHT), op.window(0, Axis.WIDTH), op.window(0, Axis.TIME)) == (height, width, None)
    assert op.row_wise
    inputs = [int8(np.random.default_rng(0), 1, 9, 5, 3)]
    check_region(source, inputs)
    check_kernel(source, inputs)


def test_windows_need_images() -> None:
    assert node_of(strided((2, 4, 3, 2), (0, 1, 0, 0), (2, 4, 3, 2), (1, 1, 1, 1))).op.window(0, Axis.HEIGHT) is None
    shrunk = strided((1, 4, 3, 2), (0, 1, 0, 0), (1, 4, 3, 2), (1, 1, 1, 1), shrink_axis_mask=1)
    assert node_of(shrunk).op.window(0, Axis.HEIGHT) is None


@pytest.mark.parametrize("dtype", [DType.INT32, DType.FLOAT32, DType.UINT8])
def test_other_element_types(dtype: DType) -> None:
    rng = np.random.default_rng(0)
    inputs = [rng.integers(0, 200, (3, 5, 2)).astype(dtype.numpy)]
    check_kernel(strided((3, 5, 2), (2, 4, 0), (-4, 0, 2), (-1, -2, 1), dtype), inputs)
    check_kernel(sliced((3, 5, 2), (1, 0, 1), (2, -1, 1), dtype), inputs)


def test_one_extent_of_a_shape() -> None:
    """What models compute shapes with: an int32 vector, one element, its axis dropped."""
    source = strided((4,), (1,), (2,), (1,), DType.INT32, shrink_axis_mask=1)
    (result,) = node_of(source).op.reference([np.array([1, 49, 10, 8], np.int32)], range(1))
    assert result.tolist() == [49]
    check_oracles(source, [np.array([1, 49, 10, 8], np.int32)], tflm=False)


@pytest.mark.parametrize(
    ("shape", "begin", "size"),
    [
        ((7,), (2,), (3,)),
        ((3, 5), (1, 0), (-1, 4)),
        ((4, 3, 2), (0, 1, 1), (4, -1, 1)),
        ((1, 5, 3, 4), (0, 2, 0, 1), (1, 3, 3, 2)),
        ((1, 5, 3, 4), (0, 0, 1, 0), (-1, -1, 2, -1)),
    ],
)
def test_slice(shape, begin, size) -> None:
    inputs = [int8(np.random.default_rng(0), *shape)]
    source = sliced(shape, begin, size)
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    check_region(source, inputs)
    if len(shape) == 4:
        assert node_of(source).op.window(0, Axis.HEIGHT) == Window(pad_before=-begin[1])


def test_refusals() -> None:
    ones = (1, 1)
    for name in ("ellipsis_mask", "new_axis_mask"):
        source = strided((3, 5), (0, 0), (3, 5), ones, result=(3, 5), **{name: 1})
        refuse(source, f"STRIDED_SLICE with {name} is not supported; it must be 0; found 1")
    refuse(strided((3, 5), (0, 0), (3, 5), (1, 0), result=(3, 5)), "with stride 0 is not supported")
    refuse(strided((3, 5), (2, 0), (1, 5), ones, result=(3, 5)), r"without elements is not supported.*found \[2:1:1\]")
    outside = strided((3, 5), (3, 0), (4, 5), ones, result=(5,), shrink_axis_mask=1)
    refuse(outside, "shrinking an axis this way is not supported; the position must be within axis 0 of 3")
    refuse(strided((3, 5), (0, 0), (2, 5), ones, result=(3, 5)), r"result shape is not supported; .* must be \(2, 5\)")
    refuse(sliced((3, 5), (2, 0), (2, 5)), "SLICE outside the operand is not supported; axis 0 has 3 positions")
    x, y = activation(0, (3,)), activation(1, (2,))
    short = (x, fixed(2, 0, 0), fixed(3, 2))
    refuse(source_of("SLICE", short, y), "SLICE with this begin is not supported; it must have 1 entries")
    computed = (x, activation(2, (1,), dtype=DType.INT32), fixed(3, 2))
    refuse(source_of("SLICE", computed, y), "SLICE with computed begin is not supported; begin must be constant")
