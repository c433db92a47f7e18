"""SQUARED_DIFFERENCE."""

import numpy as np
import pytest

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, source_of
from tests.ops.test_add import EVERY_FIRST, EVERY_SECOND
from tests.tiny_model import activation, node_of
from verify.ops.base import OperatorSource
from verify.ops.channels import Channels

SCALES = [
    ((0.02, -3), (0.03, 7), (0.05, 1)),
    ((1.5, -128), (0.004, 127), (9.0, -128)),
    ((0.007, 0), (0.007, 0), (0.00001, 0)),
    ((0.5, 12), (0.9, -60), (2000.0, 100)),
]
Shape = tuple[int, ...]


def squared(first: Shape, second: Shape, result: Shape, scales=SCALES[0]) -> OperatorSource:
    shapes = zip((first, second, result), scales, strict=True)
    x1, x2, y = (activation(i, shape, *scale) for i, (shape, scale) in enumerate(shapes))
    return source_of("SQUARED_DIFFERENCE", (x1, x2), y)


@pytest.mark.parametrize("case", range(4))
def test_all_pairs(case: int) -> None:
    shape = (1, 256, 64, 4)
    pairs = [every.astype(np.int8).reshape(shape) for every in (EVERY_FIRST, EVERY_SECOND)]
    source = squared(shape, shape, shape, SCALES[case])
    check_oracles(source, pairs)
    check_kernel(source, pairs)


@pytest.mark.parametrize(
    ("first", "second"),
    [((1, 5, 3, 4), (1, 5, 3, 1)), ((1, 5, 3, 4), (4,)), ((3, 4), (1, 5, 1, 1)), ((1, 1, 1, 4), (1, 5, 3, 4))],
)
def test_stretched_operands(first: Shape, second: Shape) -> None:
    rng = np.random.default_rng(0)
    inputs = [int8(rng, *first), int8(rng, *second)]
    source = squared(first, second, np.broadcast_shapes(first, second))
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    check_region(source, inputs)


def test_in_place() -> None:
    rng = np.random.default_rng(1)
    shape = (1, 3, 5, 2)
    check_in_place(squared(shape, shape, shape), [int8(rng, *shape), int8(rng, *shape)])
    check_in_place(squared((1, 1, 1, 2), shape, shape), [int8(rng, 1, 1, 1, 2), int8(rng, *shape)])


def test_channel_ranges_hold_what_lies_between_the_ends() -> None:
    """Where the operands can be equal the least value is that of equal ones, which no pair of ends need show."""
    op = node_of(squared((1, 2, 1, 3), (1, 2, 1, 3), (1, 2, 1, 3), ((0.1, 0), (0.1, 0), (0.1, 5)))).op
    first = Channels(np.array([-3, 10, 4]), np.array([7, 12, 4]))
    second = Channels(np.array([2, -20, 4]), np.array([3, 5, 4]))
    found = op.channel_ranges([first, second])
    assert found is not None
    for channel in range(3):
        a, b = (np.arange(x.low[channel], x.high[channel] + 1) for x in (first, second))
        pairs = np.array(np.meshgrid(a, b)).reshape(2, 1, 1, -1, 1).astype(np.int8).repeat(3, -1)
        wide = node_of(squared(*(pairs[0].shape,) * 3, ((0.1, 0), (0.1, 0), (0.1, 5)))).op
        values = wide.reference(list(pairs), range(1))[0]
        assert (values.min(), values.max()) == (found.low[channel], found.high[channel])
