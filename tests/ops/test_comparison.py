"""EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER and GREATER_EQUAL."""

import numpy as np
import pytest

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.ops.test_add import EVERY_FIRST, EVERY_SECOND
from tests.tiny_model import activation
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource

KINDS = ["EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"]
SCALES = [
    ((0.02, -3), (0.02, -3)),
    ((0.02, -3), (0.03, 7)),
    ((0.9, -128), (0.0000001, 127)),
    ((0.0000003, 12), (0.0000003, -60)),
]
Shape = tuple[int, ...]


def compare(
    kind: str, first: Shape, second: Shape, scales=SCALES[0], dtype=DType.INT8, result=DType.BOOL
) -> OperatorSource:
    x1, x2 = activation(0, first, *scales[0], dtype=dtype), activation(1, second, *scales[1], dtype=dtype)
    return source_of(kind, (x1, x2), activation(2, np.broadcast_shapes(first, second), dtype=result))


@pytest.mark.parametrize("scales", SCALES)
@pytest.mark.parametrize("kind", KINDS)
def test_all_pairs(kind: str, scales) -> None:
    shape = (1, 256, 64, 4)
    pairs = [every.astype(np.int8).reshape(shape) for every in (EVERY_FIRST, EVERY_SECOND)]
    source = compare(kind, shape, shape, scales)
    check_oracles(source, pairs, litert=False)
    check_kernel(source, pairs)


@pytest.mark.parametrize("kind", ["EQUAL", "LESS_EQUAL"])
@pytest.mark.parametrize(
    ("first", "second"),
    [((1, 5, 3, 4), (1, 5, 3, 1)), ((1, 5, 3, 4), (4,)), ((3, 4), (1, 5, 1, 1)), ((1, 1, 1, 4), (1, 5, 3, 4))],
)
def test_stretched_operands(kind: str, first: Shape, second: Shape) -> None:
    rng = np.random.default_rng(0)
    inputs = [int8(rng, *first) >> 5, int8(rng, *second) >> 5]
    source = compare(kind, first, second)
    check_oracles(source, inputs, litert=False)
    check_kernel(source, inputs)
    if kind == "LESS_EQUAL" and len(first) == len(second):  # values drawn anew are seldom equal
        check_region(source, [np.zeros(first, np.int8), np.zeros(second, np.int8)])


@pytest.mark.parametrize("kind", ["EQUAL", "NOT_EQUAL"])
def test_bools(kind: str) -> None:
    inputs = [np.array([0, 0, 1, 1], bool), np.array([0, 1, 0, 1], bool)]
    source = compare(kind, (4,), (4,), dtype=DType.BOOL)
    check_oracles(source, inputs)
    check_kernel(source, inputs)


def test_in_place() -> None:
    rng = np.random.default_rng(1)
    check_in_place(compare("LESS", (1, 3, 5, 2), (1, 3, 5, 2)), [int8(rng, 1, 3, 5, 2), int8(rng, 1, 3, 5, 2)])


def test_refusals() -> None:
    refuse(
        compare("LESS", (4,), (4,), ((1.0, 0), (0.1, 0))),
        "LESS of these scales is not supported; TFLM takes scales below",
    )
    refuse(compare("LESS", (4,), (4,), dtype=DType.BOOL), "LESS on bool is not supported; elements must be int8")
    refuse(compare("LESS", (4,), (4,), result=DType.INT8), "LESS on int8 is not supported; elements must be bool")
    refuse(
        compare("EQUAL", (1, 2, 1, 1, 3), (2, 1, 1, 3)),
        "EQUAL of these shapes is not supported; TFLM stretches operands of",
    )
