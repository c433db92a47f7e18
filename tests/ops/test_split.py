"""SPLIT, SPLIT_V and UNPACK."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource


def fixed(index: int, values) -> object:
    return constant(index, np.array(values, np.int32))


def results(shape, axis: int, parts, dtype: DType = DType.INT8):
    for k, part in enumerate(parts):
        result = list(shape)
        result[axis] = part
        yield activation(10 + k, result, dtype=dtype)


def split(shape, axis: int, count: int, dtype: DType = DType.INT8) -> OperatorSource:
    outputs = list(results(shape, axis, [shape[axis] // count] * count, dtype))
    return source_of("SPLIT", (fixed(1, axis), activation(0, shape, dtype=dtype)), outputs, num_splits=count)


def split_v(shape, axis: int, parts, listed=None) -> OperatorSource:
    inputs = (activation(0, shape), fixed(1, listed or parts), fixed(2, axis))
    return source_of("SPLIT_V", inputs, list(results(shape, axis, parts)), num_splits=len(parts))


def unpack(shape, axis: int) -> OperatorSource:
    dropped = axis % len(shape)
    outputs = [activation(10 + k, shape[:dropped] + shape[dropped + 1 :]) for k in range(shape[axis])]
    return source_of("UNPACK", (activation(0, shape),), outputs, num=shape[axis], axis=axis)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=5), st.data())
def test_split(shape: list[int], data: st.DataObject) -> None:
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    count = data.draw(st.integers(1, 3))
    shape[axis] *= count
    source = split(tuple(shape), axis, count)
    inputs = [int8(np.random.default_rng(0), *shape)]
    check_oracles(source, inputs, tflm=len(shape) < 5)


@pytest.mark.parametrize(
    ("axis", "windows"), [(1, (None, POINTWISE)), (2, (POINTWISE, None)), (3, (POINTWISE, POINTWISE))]
)
def test_kernel_and_windows(axis: int, windows) -> None:
    source = split((1, 4, 6, 2), axis, 2)
    inputs = [int8(np.random.default_rng(0), 1, 4, 6, 2)]
    op = node_of(source).op
    assert op.operands == (1,)
    assert (op.window(0, Axis.HEIGHT), op.window(0, Axis.WIDTH)) == windows
    check_kernel(source, inputs)
    check_region(source, inputs)


@pytest.mark.parametrize("shape", [(6,), (3, 4), (2, 3, 4), (2, 2, 2, 3, 2)])
def test_kernel_at_other_ranks(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    for axis in range(len(shape)):
        check_kernel(split(shape, axis, shape[axis]), [int8(rng, *shape)])
    wide = split(shape, 0, 1, DType.FLOAT32)
    check_kernel(wide, [rng.normal(size=shape).astype(np.float32)])


@pytest.mark.parametrize(
    ("shape", "axis", "parts"), [((7,), 0, (4, 3)), ((1, 4, 3, 6), 3, (1, 3, 2)), ((1, 4, 5, 2), -2, (4, 1))]
)
def test_split_v(shape, axis: int, parts) -> None:
    inputs = [int8(np.random.default_rng(0), *shape)]
    for listed in (parts, (*parts[:-1], -1)):
        source = split_v(shape, axis, parts, listed)
        check_oracles(source, inputs, tflm=-1 not in listed)
        check_region(source, inputs)
    check_kernel(source, inputs)


@pytest.mark.parametrize("shape", [(3,), (2, 5), (3, 2, 4), (2, 3, 2, 4)])
def test_unpack(shape: tuple[int, ...]) -> None:
    inputs = [int8(np.random.default_rng(0), *shape)]
    for axis in range(-len(shape), len(shape)):
        source = unpack(shape, axis)
        check_oracles(source, inputs, tflm=len(shape) > 1)
        check_kernel(source, inputs)
        assert node_of(source).op.window(0, Axis.HEIGHT) is None


def test_refusals() -> None:
    refuse(split((2, 7), 1, 3), "SPLIT into unequal parts is not supported; the extent 7 must divide")
    refuse(
        split_v((1, 7, 3, 2), 1, (3, 4)), "SPLIT_V of rows into unequal parts is not supported; all results must have"
    )
    refuse(
        split_v((7,), 0, (3, 4), (3, 5)), "SPLIT_V into these parts is not supported; 2 sizes of at least 1 must add up"
    )
    refuse(split_v((7,), 0, (3, 4), (-1, -1)), "SPLIT_V into these parts is not supported")
    computed = (activation(1, (1,), dtype=DType.INT32), activation(0, (4,)))
    refuse(source_of("SPLIT", computed, activation(2, (4,))), "SPLIT with computed axis is not supported")
    several = (fixed(1, [0, 1]), activation(0, (4,)))
    refuse(source_of("SPLIT", several, activation(2, (4,))), "SPLIT along several axes is not supported")
    refuse(source_of("UNPACK", (activation(0, (3, 2)),), activation(1, (2,)), axis=0), "UNPACK into this many results")
