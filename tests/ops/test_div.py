"""DIV."""

import numpy as np
import pytest

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, refuse
from tests.ops.test_add import ACTIVATIONS, EVERY_FIRST, EVERY_SECOND, binary
from tests.tiny_model import node_of

SCALES = [
    ((0.02, -3), (0.03, 7), (0.004, 1)),
    ((1.5, -128), (0.04, 127), (0.3, -128)),
    ((0.007, 0), (0.007, 0), (1 / 65, 0)),  # the least quotient of scales
    ((0.5, 12), (0.09, -60), (0.000001, 100)),  # the largest
]


@pytest.mark.parametrize("case", range(4))
def test_all_pairs(case: int) -> None:
    shape, zero = (1, 255, 64, 4), SCALES[case][1][1]
    there = EVERY_SECOND.reshape(-1) != zero  # TFLM leaves open what division by zero gives
    pairs = [every.reshape(-1)[there].astype(np.int8).reshape(shape) for every in (EVERY_FIRST, EVERY_SECOND)]
    source = binary("DIV", shape, shape, shape, SCALES[case], ACTIVATIONS[case])
    check_oracles(source, pairs, litert=False)
    check_kernel(source, pairs)


def test_by_zero() -> None:
    source = binary("DIV", (4,), (4,), (4,), ((0.02, -3), (0.03, 7), (0.004, 1)), "NONE")
    inputs = [np.array(values, np.int8) for values in ((-128, -3, 127, -2), (7, 7, 7, 7))]
    (result,) = node_of(source).op.reference(inputs, range(1))
    assert result.tolist() == [[-128, 1, 127, 127]]
    check_kernel(source, inputs)


@pytest.mark.parametrize(
    ("first", "second"),
    [((1, 5, 3, 4), (1, 5, 3, 1)), ((1, 5, 3, 4), (4,)), ((3, 4), (1, 5, 1, 1)), ((1, 1, 1, 4), (1, 5, 3, 4))],
)
def test_stretched_operands(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    inputs = [int8(rng, *first), np.maximum(int8(rng, *second), 8)]
    source = binary("DIV", first, second, np.broadcast_shapes(first, second), SCALES[0])
    check_oracles(source, inputs, litert=False)
    check_kernel(source, inputs)
    check_region(source, inputs)


def test_in_place() -> None:
    rng = np.random.default_rng(1)
    shape = (1, 3, 5, 2)
    check_in_place(binary("DIV", shape, shape, shape, SCALES[0]), [int8(rng, *shape), int8(rng, *shape)])


@pytest.mark.parametrize("result", [1 / 63, 0.0000001])
def test_refuses_scales_where_tflm_shifts_too_far(result: float) -> None:
    scales = ((0.007, 0), (0.007, 0), (result, 0))
    refuse(binary("DIV", (4,), (4,), (4,), scales), "DIV between these scales is not supported; the dividend's scale")
