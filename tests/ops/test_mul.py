"""MUL."""

import numpy as np
import pytest

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, refuse
from tests.ops.test_add import ACTIVATIONS, EVERY_FIRST, EVERY_SECOND, binary

SCALES = [
    ((0.02, -3), (0.03, 7), (0.05, 1)),
    ((1.5, -128), (0.004, 127), (0.3, -128)),
    ((0.007, 0), (0.007, 0), (0.00001, 0)),
    ((0.5, 12), (0.9, -60), (90.0, 100)),
]


@pytest.mark.parametrize("case", range(4))
def test_all_pairs(case: int) -> None:
    shape = (1, 256, 64, 4)
    pairs = [every.astype(np.int8).reshape(shape) for every in (EVERY_FIRST, EVERY_SECOND)]
    source = binary("MUL", shape, shape, shape, SCALES[case], ACTIVATIONS[case])
    check_oracles(source, pairs)
    check_kernel(source, pairs)


@pytest.mark.parametrize(
    ("first", "second"),
    [((1, 5, 3, 4), (1, 1, 1, 4)), ((1, 5, 3, 4), (4,)), ((1, 5, 3, 4), (1, 5, 3, 1)), ((3, 4), (1, 5, 1, 1))],
)
def test_stretched_operands(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    inputs = [int8(rng, *first), int8(rng, *second)]
    source = binary("MUL", first, second, np.broadcast_shapes(first, second), SCALES[0])
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    check_region(source, inputs)


def test_in_place() -> None:
    rng = np.random.default_rng(1)
    shape = (1, 3, 5, 2)
    check_in_place(binary("MUL", shape, shape, shape), [int8(rng, *shape), int8(rng, *shape)])
    check_in_place(binary("MUL", (1, 1, 1, 2), shape, shape), [int8(rng, 1, 1, 1, 2), int8(rng, *shape)])


def test_refuses_scales_that_overflow() -> None:
    scales = ((1000.0, 0), (1000.0, 0), (1.0, 0))
    refuse(binary("MUL", (4,), (4,), (4,), scales), "MUL between these scales is not supported; the product of")
