"""LOGICAL_AND, LOGICAL_OR and LOGICAL_NOT."""

import numpy as np
import pytest

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, refuse, source_of
from tests.tiny_model import activation, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource

Shape = tuple[int, ...]


def logical(kind: str, *operands: Shape, dtype: DType = DType.BOOL) -> OperatorSource:
    ends = [activation(k, shape, dtype=dtype) for k, shape in enumerate(operands)]
    return source_of(kind, ends, activation(9, np.broadcast_shapes(*operands), dtype=DType.BOOL))


@pytest.mark.parametrize("kind", ["LOGICAL_AND", "LOGICAL_OR"])
@pytest.mark.parametrize("second", [(1, 5, 3, 4), (1, 5, 3, 1), (4,), (1, 1, 1, 4)])
def test_two(kind: str, second: Shape) -> None:
    rng = np.random.default_rng(0)
    inputs = [rng.random((1, 5, 3, 4)) < 0.5, rng.random(second) < 0.5]
    source = logical(kind, (1, 5, 3, 4), second)
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    check_in_place(source, inputs)
    assert node_of(source).op.window(0, Axis.HEIGHT) == POINTWISE


def test_one() -> None:
    inputs = [np.random.default_rng(0).random((1, 5, 3, 4)) < 0.5]
    source = logical("LOGICAL_NOT", (1, 5, 3, 4))
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    check_in_place(source, inputs)
    assert node_of(source).op.stored([(0, 1)]) == (0, 1)


def test_refusals() -> None:
    refuse(
        logical("LOGICAL_AND", (3,), (3,), dtype=DType.INT8),
        "LOGICAL_AND on int8 is not supported; elements must be bool",
    )
    refuse(
        logical("LOGICAL_NOT", (3,), dtype=DType.INT8), "LOGICAL_NOT on int8 is not supported; elements must be bool"
    )
    refuse(logical("LOGICAL_OR", (1, 2, 1, 1, 3), (2, 1, 1, 3)), "LOGICAL_OR of these shapes is not supported")
