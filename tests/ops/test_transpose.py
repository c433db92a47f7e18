"""TRANSPOSE."""

import itertools

import numpy as np
import pytest

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource


def transpose(shape: tuple[int, ...], order: tuple[int, ...], dtype: DType = DType.INT8) -> OperatorSource:
    result = tuple(shape[axis] for axis in order)
    fixed = constant(2, np.array(order, np.int32))
    return source_of("TRANSPOSE", (activation(0, shape, dtype=dtype), fixed), activation(1, result, dtype=dtype))


@pytest.mark.parametrize("shape", [(7,), (3, 5), (4, 3, 2), (1, 5, 3, 2), (2, 5, 3, 2)])
def test_every_order(shape: tuple[int, ...]) -> None:
    inputs = [int8(np.random.default_rng(0), *shape)]
    for order in itertools.permutations(range(len(shape))):
        source = transpose(shape, order)
        check_oracles(source, inputs)
        check_region(source, inputs)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (0, 3, 1, 2), (0, 2, 3, 1), (0, 1, 3, 2), (3, 1, 0, 2), (0, 2, 1, 3)])
def test_kernel(order: tuple[int, ...]) -> None:
    for shape in ((1, 5, 3, 2), (2, 3, 1, 4)):
        check_kernel(transpose(shape, order), [int8(np.random.default_rng(0), *shape)])


def test_kernel_at_other_ranks_and_sizes() -> None:
    rng = np.random.default_rng(0)
    for shape, order in (((7,), (0,)), ((3, 5), (1, 0)), ((4, 1, 2), (2, 0, 1)), ((2, 3, 2, 2, 3), (4, 0, 3, 1, 2))):
        source = transpose(shape, order)
        inputs = [int8(rng, *shape)]
        check_oracles(source, inputs)
        check_kernel(source, inputs)
        wide = transpose(shape, order, DType.FLOAT32)
        check_kernel(wide, [rng.normal(size=shape).astype(np.float32)])


def test_windows() -> None:
    op = node_of(transpose((1, 5, 3, 2), (0, 1, 3, 2))).op
    assert op.window(0, Axis.HEIGHT) == POINTWISE
    assert op.window(0, Axis.WIDTH) is None
    channels_last = node_of(transpose((1, 3, 5, 4), (0, 2, 3, 1))).op
    assert channels_last.window(0, Axis.HEIGHT) is None
    assert channels_last.row_wise
    assert node_of(transpose((2, 5, 3, 1), (3, 1, 2, 0))).op.window(0, Axis.HEIGHT) is None


def test_refusals() -> None:
    x, y = activation(0, (2, 3)), activation(1, (3, 2))
    computed = activation(2, (2,), dtype=DType.INT32)
    refuse(
        source_of("TRANSPOSE", (x, computed), y), "computed permutation is not supported; permutation must be constant"
    )
    twice = constant(2, np.array([1, 1], np.int32))
    refuse(source_of("TRANSPOSE", (x, twice), y), "by this permutation is not supported; it must order the axes 0 to 1")
    swap = constant(2, np.array([1, 0], np.int32))
    refuse(source_of("TRANSPOSE", (x, swap), activation(1, (2, 3))), "this result shape is not supported")
    rescaled = activation(1, (3, 2), 0.5)
    refuse(
        source_of("TRANSPOSE", (x, swap), rescaled), "TRANSPOSE with rescaling is not supported; all scales and zero"
    )
    other = activation(1, (3, 2), dtype=DType.INT16)
    refuse(source_of("TRANSPOSE", (x, swap), other), "between element types is not supported; .* found int8, int16")
