"""PRELU."""

import numpy as np
import pytest

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.ops.test_add import EVERY_FIRST, EVERY_SECOND
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.ops.channels import Channels
from verify.ops.prelu import Prelu

SCALES = [
    ((0.05, -3), (0.01, -7), (0.04, 5)),
    ((0.05, -128), (0.01, 0), (0.05, -128)),
    ((0.02, 127), (0.5, 100), (0.001, 0)),
    ((0.001, 0), (0.001, 20), (7.0, -90)),
]
Shape = tuple[int, ...]


def prelu(
    x: Shape, alpha: Shape, scales=SCALES[0], dtype: DType = DType.INT8, data: np.ndarray | None = None
) -> OperatorSource:
    a = activation(1, alpha, *scales[1]) if data is None else constant(1, data, *scales[1])
    return source_of("PRELU", (activation(0, x, *scales[0], dtype=dtype), a), activation(2, x, *scales[2]))


@pytest.mark.parametrize("scales", SCALES)
def test_all_pairs(scales: tuple[tuple[float, int], ...]) -> None:
    shape = (1, 256, 64, 4)
    pairs = [every.astype(np.int8).reshape(shape) for every in (EVERY_FIRST, EVERY_SECOND)]
    source = prelu(shape, shape, scales)
    check_oracles(source, pairs)
    check_kernel(source, pairs)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((1, 5, 3, 4), (1, 1, 4)),
        ((1, 5, 3, 4), (1, 5, 3, 1)),
        ((1, 5, 3, 4), (5, 3, 4)),
        ((1, 5, 3, 4), (1,)),
        ((3, 4), (4,)),
    ],
)
def test_alpha_per_channel_and_shared_axes(first: Shape, second: Shape) -> None:
    rng = np.random.default_rng(0)
    inputs = [int8(rng, *first), int8(rng, *second)]
    source = prelu(first, second)
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    check_region(source, inputs)
    check_oracles(prelu(first, second, data=inputs[1]), inputs)


def test_in_place() -> None:
    rng = np.random.default_rng(1)
    shape = (1, 3, 5, 2)
    check_in_place(prelu(shape, shape), [int8(rng, *shape), int8(rng, *shape)])


@pytest.mark.parametrize("seed", range(20))
def test_channel_ranges_hold_every_value_and_both_ends(seed: int) -> None:
    """Where alpha is negative, the result falls and then rises."""
    rng = np.random.default_rng(seed)
    op = node_of(prelu((1, 2, 2, 1), (1,))).op
    assert isinstance(op, Prelu)
    (low, high), (least, most) = (np.sort(rng.integers(-128, 128, 2)) for _ in range(2))
    operands = [Channels(np.array([first]), np.array([last])) for first, last in ((low, high), (least, most))]
    found = op.channel_ranges(operands)
    x, alpha = np.meshgrid(np.arange(low, high + 1), np.arange(least, most + 1))
    every = np.clip(op.combine(x, alpha), -128, 127)
    assert (found.low[0], found.high[0]) == (every.min(), every.max())


def test_refusals() -> None:
    refuse(prelu((4,), (4,), dtype=DType.INT16), "PRELU .*int16")
    source = source_of("PRELU", (activation(0, (4,)), activation(1, (3, 4))), activation(2, (3, 4)))
    refuse(source, "alpha must stretch to the operand's shape")
    refuse(prelu((4,), (4,), ((1e9, 0), (1.0, 0), (1e-3, 0))), "PRELU between these scales is not supported")
