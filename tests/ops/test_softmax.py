"""SOFTMAX."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, refuse
from tests.ops.unary_checks import unary
from tests.tiny_model import node_of
from verify.graph.tensor import Axis

RESULT = (1 / 256, -128)


def softmax(shape: tuple[int, ...], scale: float = 0.1, beta: float = 1.0, zero_point: int = -5):
    return unary("SOFTMAX", (scale, zero_point), RESULT, shape, beta=beta)


@settings(max_examples=60)
@given(st.integers(1, 300), st.floats(-12, 3.9), st.sampled_from((0.5, 1.0)), st.integers(0, 2**32 - 1))
def test_reference(classes: int, exponent: float, beta: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    spread = np.clip(rng.normal(0, rng.uniform(1, 80), (20, classes)), -128, 127)
    check_oracles(softmax((20, classes), 2.0**exponent, beta), [spread.astype(np.int8)])


@pytest.mark.parametrize("scale", [0.001, 0.05, 0.7, 12.0])
def test_every_difference(scale: float) -> None:
    """All 256 differences to the maximum occur, once alone with it and once among others."""
    differences = np.arange(256) - 128
    pairs = np.stack([np.full(256, 127), differences], axis=1).astype(np.int8)
    check_oracles(softmax((256, 2), scale), [pairs])
    triples = np.stack([np.full(256, 127), differences, np.full(256, 90)], axis=1).astype(np.int8)
    check_oracles(softmax((256, 3), scale), [triples])


@pytest.mark.parametrize("shape", [(7,), (3, 10), (4, 3, 5), (1, 5, 3, 6), (2, 1, 2, 3, 4)])
def test_kernel(shape: tuple[int, ...]) -> None:
    inputs = [int8(np.random.default_rng(0), *shape)]
    source = softmax(shape)
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    check_in_place(source, inputs)


def test_kernel_on_many_sums() -> None:
    """5,120 sums of three exponentials: enough that one Newton step of the reciprocal less shows in some results."""
    first, second = np.meshgrid(np.arange(10, 30), np.arange(256), indexing="ij")
    triples = np.stack([np.full(first.size, 127), 127 - first.reshape(-1), 127 - second.reshape(-1)], axis=1)
    inputs = [triples.astype(np.int8).reshape(16, 320, 3)]
    source = softmax(inputs[0].shape, 0.03)
    check_oracles(source, inputs)
    check_kernel(source, inputs)


@pytest.mark.parametrize("classes", [511, 512, 1000, 4095])
def test_many_equal_classes(classes: int) -> None:
    """From 512 equal classes on TFLM stops the program; the nearest step, and ours, is 0."""
    inputs = [np.full((2, classes), 3, np.int8)]
    inputs[0][1, :] = -128
    source = softmax((2, classes))
    check_kernel(source, inputs)
    if classes < 512:
        check_oracles(source, inputs)
    (result,) = node_of(source).op.reference(inputs, range(2))
    assert (result == (-127 if classes == 511 else -128)).all()


def test_windows() -> None:
    """Pixels are independent of each other: images stream."""
    shape = (1, 4, 3, 5)
    check_region(softmax(shape), [int8(np.random.default_rng(0), *shape)])
    op = node_of(softmax((4, 5))).op
    assert op.window(0, Axis.HEIGHT) is None
    assert op.row_wise


def test_refusals() -> None:
    refuse(unary("SOFTMAX", (0.1, 0), (0.1, 0), (4,), beta=1.0), "SOFTMAX to this quantization is not supported")
    refuse(softmax((4096,)), "SOFTMAX along an axis of this length is not supported; .*1 to 4095")
    refuse(softmax(()), "SOFTMAX along an axis of this length is not supported")
    refuse(softmax((4,), 16.0), "beta and scale is not supported; beta \\* scale must be above 2\\^-26 and below 16")
    refuse(softmax((4,), beta=0.0), "beta and scale is not supported")
