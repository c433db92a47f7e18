"""LOG_SOFTMAX."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, refuse
from tests.ops.unary_checks import unary
from tests.tiny_model import node_of
from verify.graph.tensor import Axis
from verify.ops import fixed_point
from verify.ops.base import OperatorSource

RESULT = (1 / 16, 127)


def log_softmax(shape: tuple[int, ...], scale: float = 0.1, zero_point: int = -5) -> OperatorSource:
    return unary("LOG_SOFTMAX", (scale, zero_point), RESULT, shape)


@settings(max_examples=25)
@given(st.integers(1, 300), st.floats(-25.9, 3.9), st.integers(0, 2**32 - 1))
def test_reference(classes: int, exponent: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    spread = np.clip(rng.normal(0, rng.uniform(1, 80), (20, classes)), -128, 127).astype(np.int8)
    source = log_softmax((20, classes), 2.0**exponent)
    check_oracles(source, [spread], litert=False)
    check_kernel(source, [spread])


@pytest.mark.parametrize("scale", [0.001, 0.05, 0.7, 12.0])
def test_every_difference(scale: float) -> None:
    """All 256 differences to the maximum occur, alone with it and among others; and long sums."""
    for classes, step in ((2, 1), (3, 1), (50, 1), (4095, 51)):
        differences = np.arange(-128, 128, step)
        rows = np.full((len(differences), classes), 127 - classes // 40, np.int8)
        rows[:, 0], rows[:, 1] = 127, differences
        check_oracles(log_softmax(rows.shape, scale), [rows], litert=False)
        check_kernel(log_softmax(rows.shape, scale), [rows])


@pytest.mark.parametrize("shape", [(7,), (3, 10), (4, 3, 5), (1, 5, 3, 6), (2, 1, 2, 3, 4)])
def test_kernel(shape: tuple[int, ...]) -> None:
    inputs = [int8(np.random.default_rng(0), *shape)]
    check_oracles(log_softmax(shape), inputs, litert=False)
    check_kernel(log_softmax(shape), inputs)
    check_in_place(log_softmax(shape), inputs)


def test_windows() -> None:
    """Pixels are independent of each other: images stream."""
    shape = (1, 4, 3, 5)
    check_region(log_softmax(shape), [int8(np.random.default_rng(0), *shape)])
    assert node_of(log_softmax((4, 5))).op.window(0, Axis.HEIGHT) is None


def test_the_logarithm() -> None:
    """In units of 2^-26, of sums in units of 2^-19; and the interval of its denominator holds what it is."""
    sums = np.unique(np.geomspace(2**19, 2**31 - 1, 5000).astype(np.int64))
    logs = np.array([fixed_point.log(int(x), 12) for x in sums])
    np.testing.assert_allclose(logs / 2**26, np.log(sums / 2**19), atol=1e-5)
    factors = np.linspace(2**31 * 0.5**0.5, 2**31 - 1, 20000).astype(np.int64)
    _, denominators = fixed_point.log_of_factor(factors)
    low, high = fixed_point.log_denominator_range()
    assert 0 <= low <= denominators.min() and denominators.max() <= high < 2**31


def test_refusals() -> None:
    refuse(unary("LOG_SOFTMAX", (0.1, 0), (0.1, 0), (4,)), "LOG_SOFTMAX to this quantization is not supported")
    refuse(log_softmax((4096,)), "LOG_SOFTMAX along an axis of this length is not supported; .*1 to 4095")
    refuse(log_softmax((4,), 16.0), "LOG_SOFTMAX from this scale is not supported; it must be above 2")
