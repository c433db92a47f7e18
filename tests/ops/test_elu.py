"""ELU."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import refuse
from tests.ops.unary_checks import check_every_value, check_pointwise, unary

POINTS = st.integers(-128, 127)


@settings(max_examples=40)
@given(st.floats(-12, 4), POINTS, st.floats(-9, 3), POINTS)
def test_every_value(exponent: float, in_zero_point: int, out_exponent: float, out_zero_point: int) -> None:
    check_every_value("ELU", (2.0**exponent, in_zero_point), (2.0**out_exponent, out_zero_point), litert=False)


def test_kernel() -> None:
    check_pointwise("ELU", (0.1, 4), (0.05, -7))


def test_refusals() -> None:
    refuse(unary("ELU", (1e9, 0), (1e-3, 0)), "ELU between these scales is not supported; results must be below")
