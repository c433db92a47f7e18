"""REDUCE_MAX and REDUCE_MIN."""

from itertools import combinations

import numpy as np
import pytest

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource

KINDS = ["REDUCE_MAX", "REDUCE_MIN"]


def reduced(kind: str, shape: tuple[int, ...], axes: tuple[int, ...], keep: bool = False) -> OperatorSource:
    result = [1 if i in axes else extent for i, extent in enumerate(shape) if keep or i not in axes]
    listed = constant(2, np.array(axes, np.int32))
    return source_of(kind, (activation(0, shape, 0.1, 4), listed), activation(1, result, 0.1, 4), keep_dims=keep)


AXES = [axes for count in range(1, 5) for axes in combinations(range(4), count)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("axes", AXES)
def test_over_all_axes(kind: str, keep: bool, axes: tuple[int, ...]) -> None:
    if len(axes) == 4 and not keep:
        return  # a scalar, which networks do not have
    source, inputs = reduced(kind, (2, 3, 4, 5), axes, keep), [int8(np.random.default_rng(0), 2, 3, 4, 5)]
    check_oracles(source, inputs)
    check_kernel(source, inputs)


@pytest.mark.parametrize("shape", [(7,), (3, 5), (2, 3, 4)])
@pytest.mark.parametrize("kind", KINDS)
def test_other_ranks(kind: str, shape: tuple[int, ...]) -> None:
    for axis in range(len(shape)):
        source, inputs = reduced(kind, shape, (axis,), True), [int8(np.random.default_rng(0), *shape)]
        check_oracles(source, inputs)
        check_kernel(source, inputs)


@pytest.mark.parametrize("axes", [(2,), (3,), (2, 3)])
def test_within_rows_it_streams(axes: tuple[int, ...]) -> None:
    source = reduced("REDUCE_MAX", (1, 6, 4, 3), axes, True)
    assert node_of(source).op.window(0, Axis.HEIGHT) == POINTWISE
    check_region(source, [int8(np.random.default_rng(0), 1, 6, 4, 3)])
    assert node_of(reduced("REDUCE_MAX", (1, 6, 4, 3), (1,), True)).op.window(0, Axis.HEIGHT) is None


def test_refusals() -> None:
    listed = constant(2, np.array([1], np.int32))
    source = source_of("REDUCE_MAX", (activation(0, (2, 3), 0.1), listed), activation(1, (2,), 0.2))
    refuse(source, "both ends must have the same scale and zero point")
    refuse(reduced("REDUCE_MIN", (2, 3), (2,)), "REDUCE_MIN along this axis is not supported")
