"""SHAPE, which exists only while a model is read."""

import numpy as np
import pytest
import tflite

from tests.ops.node_checks import refuse, source_of
from tests.tiny_model import activation, build_model, node_of, run_litert
from verify.graph.tensor import DType


@pytest.mark.parametrize("dtype", [DType.INT32, DType.INT64])
def test_shape_reads_nothing(dtype: DType) -> None:
    source = source_of("SHAPE", (activation(0, (1, 49, 10, 8)),), activation(1, (4,), dtype=dtype))
    op = node_of(source).op
    assert op.operands == ()
    (result,) = op.reference([], range(1))
    assert result.dtype == dtype.numpy
    assert result.tolist() == [[1, 49, 10, 8]]


def test_shape_equals_litert() -> None:
    x, y = activation(0, (1, 49, 10, 8)), activation(1, (4,), dtype=DType.INT32)
    source = source_of("SHAPE", (x,), y, out_type=tflite.TensorType.INT32)
    (expected,) = run_litert(build_model([source]), [np.zeros((1, 49, 10, 8), np.int8)])
    np.testing.assert_array_equal(node_of(source).op.reference([], range(1))[0][0], expected)


def test_refusals() -> None:
    source = source_of("SHAPE", (activation(0, (2, 3)),), activation(1, (2,)))
    refuse(source, "SHAPE on int8 is not supported; elements must be int32 or int64; found int8")
