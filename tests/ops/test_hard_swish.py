"""HARD_SWISH."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import refuse
from tests.ops.unary_checks import check_every_value, check_pointwise, unary

POINTS = st.integers(-128, 127)


@settings(max_examples=80)
@given(st.floats(-14, 5), POINTS, st.floats(-9, 9), POINTS)
def test_every_value(exponent: float, in_zero_point: int, ratio: float, out_zero_point: int) -> None:
    assume(ratio > -6.99)  # operand scale / 128 must be below the result's
    operand = (2.0**exponent, in_zero_point)
    check_every_value("HARD_SWISH", operand, (2.0 ** (exponent + ratio), out_zero_point))


def test_kernel() -> None:
    check_pointwise("HARD_SWISH", (0.05, 4), (0.04, -100))


def test_refusals() -> None:
    refuse(
        unary("HARD_SWISH", (1.0, 0), (1 / 256, 0)), "HARD_SWISH between these scales is not supported; operand scale"
    )
