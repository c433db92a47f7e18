"""RSQRT."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_oracles, refuse
from tests.ops.unary_checks import EVERY, check_pointwise, unary
from tests.tiny_model import node_of

POINTS = st.integers(-128, 127)


@settings(max_examples=40)
@given(st.floats(-12, 4), POINTS, st.floats(-9, 3), POINTS)
def test_every_value(exponent: float, in_zero_point: int, out_exponent: float, out_zero_point: int) -> None:
    source = unary("RSQRT", (2.0**exponent, in_zero_point), (2.0**out_exponent, out_zero_point))
    check_oracles(source, [np.maximum(EVERY, in_zero_point).astype(np.int8)])


def test_what_is_below_zero_gives_what_zero_does() -> None:
    """TFLM ends the inference there."""
    (result,) = node_of(unary("RSQRT", (0.1, 4), (0.02, -128))).op.reference([EVERY], range(1))
    assert set(result[0, :133].tolist()) == {127}
    assert result[0, 133] < 127


def test_kernel() -> None:
    check_pointwise("RSQRT", (0.1, -128), (0.02, -128))


def test_refusals() -> None:
    refuse(unary("RSQRT", (1e12, 0), (1e9, 0)), "RSQRT between these scales is not supported; the root of")
