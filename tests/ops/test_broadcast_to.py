"""BROADCAST_TO."""

import numpy as np
import pytest

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource


def broadcast(shape: tuple[int, ...], result: tuple[int, ...]) -> OperatorSource:
    wanted = constant(2, np.array(result, np.int32))
    return source_of("BROADCAST_TO", (activation(0, shape), wanted), activation(1, result))


@pytest.mark.parametrize(
    ("shape", "result"),
    [
        ((1, 4, 3, 1), (1, 4, 3, 5)),
        ((1, 4, 1, 2), (1, 4, 3, 2)),
        ((1, 1, 1, 3), (1, 4, 5, 3)),
        ((3,), (2, 4, 3)),
        ((1, 1), (4, 3)),
        ((2, 1, 3), (2, 4, 3)),
        ((1, 3, 1, 2, 1), (2, 3, 4, 2, 3)),
        ((4, 3), (4, 3)),
    ],
)
def test_all(shape: tuple[int, ...], result: tuple[int, ...]) -> None:
    source, inputs = broadcast(shape, result), [int8(np.random.default_rng(0), *shape)]
    check_oracles(source, inputs, litert=False)  # LiteRT has it from version 2 on
    check_kernel(source, inputs)
    if len(shape) == len(result) == 4:
        check_region(source, inputs)


def test_windows() -> None:
    op = node_of(broadcast((1, 4, 1, 2), (1, 4, 3, 2))).op
    assert op.window(0, Axis.HEIGHT) == POINTWISE and op.window(0, Axis.WIDTH) is None


def test_refusals() -> None:
    refuse(broadcast((1, 4, 2, 2), (1, 4, 3, 2)), "extents must be equal or the operand's 1")
    refuse(broadcast((2, 3), (3,)), "extents must be equal or the operand's 1")
