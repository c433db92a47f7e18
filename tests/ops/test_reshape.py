"""RESHAPE, SQUEEZE and EXPAND_DIMS."""

import numpy as np
import pytest

from tests.ops.node_checks import check_oracles, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource


def fixed(*values: int):
    return constant(2, np.array(values, np.int32))


def reshape(shape, asked, result, dtype: DType = DType.INT8) -> OperatorSource:
    inputs = (activation(0, shape, dtype=dtype), *([fixed(*asked)] if asked else []))
    return source_of("RESHAPE", inputs, activation(1, result, dtype=dtype))


CASES = [
    reshape((1, 2, 3, 4), (6, -1), (6, 4)),
    reshape((1, 2, 3, 4), (24,), (24,)),
    reshape((6, 4), (1, 3, 2, 4), (1, 3, 2, 4)),
    source_of("SQUEEZE", (activation(0, (1, 3, 1, 4)),), activation(1, (3, 4)), squeeze_dims=()),
    source_of("SQUEEZE", (activation(0, (1, 3, 1, 4)),), activation(1, (1, 3, 4)), squeeze_dims=(-2,)),
    source_of("EXPAND_DIMS", (activation(0, (3, 4)), fixed(1)), activation(1, (3, 1, 4))),
    source_of("EXPAND_DIMS", (activation(0, (3, 4)), fixed(-1)), activation(1, (3, 4, 1))),
]


@pytest.mark.parametrize("source", CASES, ids=lambda source: f"{source.kind} to {source.outputs[0].shape}")
def test_same_bytes(source: OperatorSource) -> None:
    inputs = [int8(np.random.default_rng(0), *source.inputs[0].shape)]
    check_oracles(source, inputs)
    op = node_of(source).op
    assert op.alias
    assert op.operands == (0,)
    (result,) = op.reference(inputs, range(1))
    row = result.reshape(-1)
    np.testing.assert_array_equal(row, inputs[0].reshape(-1)[: row.size])


def test_other_operators_are_no_aliases() -> None:
    x, y = activation(0, (3, 4)), activation(1, (4, 3))
    assert not node_of(source_of("TRANSPOSE", (x, fixed(1, 0)), y)).op.alias


def test_shape_from_the_result_alone() -> None:
    source = reshape((2, 6), (), (3, 4), DType.FLOAT32)
    (result,) = node_of(source).op.reference([np.arange(12, dtype=np.float32).reshape(2, 6)], range(1, 3))
    assert result.tolist() == [[4, 5, 6, 7], [8, 9, 10, 11]]


def test_refusals() -> None:
    refuse(reshape((8, 4), (-1, 4), (1, 4)), r"RESHAPE with this result shape is not supported; .* must be \(8, 4\)")
    refuse(
        reshape((8, 4), (), (8, 3)), "RESHAPE of these shapes is not supported; operand and result must have as many"
    )
    computed = activation(2, (2,), dtype=DType.INT32)
    x, y = activation(0, (8, 4)), activation(1, (4, 8))
    refuse(
        source_of("RESHAPE", (x, computed), y), "RESHAPE with computed shape is not supported; shape must be constant"
    )
    wide = activation(1, (4, 8), dtype=DType.INT32)
    refuse(source_of("RESHAPE", (x, fixed(4, 8)), wide), "RESHAPE between element types is not supported")
    refuse(
        source_of("SQUEEZE", (x,), y, squeeze_dims=(1,)),
        "SQUEEZE of these axes is not supported; they must have extent",
    )
    refuse(source_of("EXPAND_DIMS", (x, fixed(4)), y), r"EXPAND_DIMS along this axis is not supported; .* \[-3, 3\)")
    refuse(source_of("EXPAND_DIMS", (x, fixed(0, 1)), y), "EXPAND_DIMS of several axes is not supported")
