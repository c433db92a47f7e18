"""ABS."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import refuse
from tests.ops.unary_checks import check_every_value, check_pointwise, unary
from verify.graph.tensor import DType

POINTS = st.integers(-128, 127)


@settings(max_examples=40)
@given(st.floats(-12, 4), POINTS, st.floats(-6, 6) | st.just(0.0), POINTS)
def test_every_value(exponent: float, in_zero_point: int, ratio: float, out_zero_point: int) -> None:
    operand = (2.0**exponent, in_zero_point)
    check_every_value("ABS", operand, (2.0 ** (exponent + ratio), out_zero_point))


def test_kernel() -> None:
    check_pointwise("ABS", (0.1, 4), (0.2, -7))


def test_refusals() -> None:
    refuse(unary("ABS", (1e9, 0), (1e-9, 0)), "ABS between these scales is not supported")
    to_int32 = unary("ABS", (0.1, 0), (0.1, 0), dtypes=(DType.INT32, DType.INT32))
    refuse(to_int32, "ABS on int32 is not supported; elements must be int8")
