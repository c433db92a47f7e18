"""MAXIMUM and MINIMUM."""

import numpy as np
import pytest

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.ops.test_add import EVERY_FIRST, EVERY_SECOND
from tests.tiny_model import activation, node_of
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource

KINDS = ["MAXIMUM", "MINIMUM"]
SAME = ((0.02, -3),) * 3
DIFFERENT = ((0.02, -3), (0.5, 100), (0.001, 0))
Shape = tuple[int, ...]


def of_two(kind: str, first: Shape, second: Shape, result: Shape, scales=SAME, dtype=DType.INT8) -> OperatorSource:
    x1, x2 = activation(0, first, *scales[0], dtype=dtype), activation(1, second, *scales[1])
    return source_of(kind, (x1, x2), activation(2, result, *scales[2]))


@pytest.mark.parametrize("scales", [SAME, DIFFERENT], ids=["same scales", "scales that TFLM does not look at"])
@pytest.mark.parametrize("kind", KINDS)
def test_all_pairs(kind: str, scales: tuple[tuple[float, int], ...]) -> None:
    shape = (1, 256, 64, 4)
    pairs = [every.astype(np.int8).reshape(shape) for every in (EVERY_FIRST, EVERY_SECOND)]
    source = of_two(kind, shape, shape, shape, scales)
    check_oracles(source, pairs)
    check_kernel(source, pairs)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("first", "second"),
    [((1, 5, 3, 4), (1, 1, 1, 4)), ((1, 5, 3, 4), (4,)), ((1, 5, 3, 4), (1, 5, 3, 1)), ((3, 4), (1, 5, 1, 1))],
)
def test_stretched_operands(kind: str, first: tuple[int, ...], second: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    inputs = [int8(rng, *first), int8(rng, *second)]
    source = of_two(kind, first, second, np.broadcast_shapes(first, second))
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    check_region(source, inputs)


@pytest.mark.parametrize("kind", KINDS)
def test_in_place(kind: str) -> None:
    rng = np.random.default_rng(1)
    shape = (1, 3, 5, 2)
    check_in_place(of_two(kind, shape, shape, shape), [int8(rng, *shape), int8(rng, *shape)])


@pytest.mark.parametrize(("kind", "expected"), [("MAXIMUM", (-10, 40)), ("MINIMUM", (-100, 7))])
def test_range_of_the_result(kind: str, expected: tuple[int, int]) -> None:
    """Exactly what can come out of operands of these ranges; no integer is computed that could overflow."""
    op = node_of(of_two(kind, (4,), (4,), (4,))).op
    assert op.stored([(-10, 7), (-100, 40)]) == expected
    assert op.intermediates([(-10, 7), (-100, 40)]) == ()


def test_refuses_other_types() -> None:
    refuse(of_two("MAXIMUM", (4,), (4,), (4,), dtype=DType.INT16), "MAXIMUM .*int16")
