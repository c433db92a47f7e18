"""L2_NORMALIZATION."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, refuse
from tests.ops.unary_checks import unary
from tests.tiny_model import node_of
from verify.graph.tensor import Axis

RESULT = (1 / 128, 0)


def normalized(shape: tuple[int, ...], zero_point: int = -5, result=RESULT, **options: object):
    return unary("L2_NORMALIZATION", (0.1, zero_point), result, shape, **options)


@settings(max_examples=15)
@given(st.integers(1, 700), st.integers(-128, 127), st.integers(0, 2**32 - 1))
def test_reference(channels: int, zero_point: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    spread = np.clip(rng.normal(zero_point, rng.uniform(0, 80), (12, channels)), -128, 127)
    check_oracles(normalized((12, channels), zero_point), [spread.astype(np.int8)])


def test_sums_of_two_squares() -> None:
    """Zeros among them, from a root of 1 to the largest; kernel and reference alike."""
    values = [-128, -127, -126, -125, *range(-120, 127, 9), 127]
    pairs = np.stack(np.meshgrid(values, values), axis=-1).astype(np.int8)
    for zero_point in (-128, 7):
        source, inputs = normalized((1, *pairs.shape), zero_point), [pairs[None]]
        check_oracles(source, inputs)
        check_kernel(source, inputs)


def test_long_vectors() -> None:
    """Sums up to the largest that fit int32."""
    source, inputs = normalized((2, 33025), -128), [np.full((2, 33025), 127, np.int8)]
    inputs[0][1, ::3] = -100
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    too_long = node_of(normalized((1, 33026), -128)).op.intermediates([(-128, 127)])[0]
    assert too_long.high[0] > too_long.bounds[1]


@pytest.mark.parametrize("shape", [(7,), (3, 10), (4, 3, 5), (1, 5, 3, 6)])
def test_kernel(shape: tuple[int, ...]) -> None:
    source, inputs = normalized(shape), [int8(np.random.default_rng(0), *shape)]
    check_oracles(source, inputs)
    check_kernel(source, inputs)
    check_in_place(source, inputs)
    if len(shape) == 4:
        check_region(source, inputs)
        assert node_of(source).op.window(0, Axis.HEIGHT) is not None


def test_refusals() -> None:
    refuse(normalized((3, 4), result=(1 / 256, 0)), "L2_NORMALIZATION to this quantization is not supported")
    refuse(normalized((1, 2, 1, 3, 4)), "there must be one to four axes")
    refuse(normalized((3, 4), fused_activation_function="RELU"), "with a fused activation is not supported")
