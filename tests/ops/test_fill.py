"""FILL, which exists only while a model is read."""

import numpy as np
import pytest

from tests.ops.node_checks import check_oracles, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import DType


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.float32])
def test_fill(dtype: type) -> None:
    value = constant(1, np.array(7, dtype), 0.1 if dtype is np.int8 else None)
    result = activation(2, (2, 3, 4), 0.1, dtype=value.dtype)
    source = source_of("FILL", (constant(0, np.array([2, 3, 4], np.int32)), value), result)
    assert node_of(source).op.operands == (1,)
    (filled,) = node_of(source).op.reference([value.data], range(2))
    np.testing.assert_array_equal(filled, np.full((2, 3, 4), 7, dtype))


def test_fill_equals_the_oracles() -> None:
    value = constant(1, np.array(-5, np.int8), 0.1)
    source = source_of("FILL", (constant(0, np.array([3, 2], np.int32)), value), activation(2, (3, 2), 0.1))
    check_oracles(source, [value.data])


def test_refusals() -> None:
    dims, value = constant(0, np.array([2, 3], np.int32)), constant(1, np.array(1, np.int8), 0.1)
    y = activation(2, (2, 3), 0.1)
    computed = activation(3, (2,), dtype=DType.INT32)
    refuse(source_of("FILL", (computed, value), y), "FILL with computed shape is not supported; shape must be constant")
    refuse(source_of("FILL", (dims, activation(4, (), 0.1)), y), "FILL with a computed value is not supported")
    refuse(source_of("FILL", (dims, value), activation(2, (3, 2), 0.1)), "FILL with this result shape is not supported")
    rescaled = activation(2, (2, 3), 0.2)
    refuse(source_of("FILL", (dims, value), rescaled), "FILL with rescaling is not supported; all scales and zero")
