"""LOGISTIC and TANH."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import refuse
from tests.ops.unary_checks import check_every_value, check_pointwise, unary

RESULTS = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}


@pytest.mark.parametrize("kind", sorted(RESULTS))
@settings(max_examples=60)
@given(st.floats(-26.9, 2.9), st.integers(-128, 127))
def test_every_value(kind: str, exponent: float, zero_point: int) -> None:
    # LiteRT treats large operands of some scales otherwise; TFLM is the one to equal.
    check_every_value(kind, (2.0**exponent, zero_point), RESULTS[kind], litert=False)


@pytest.mark.parametrize("kind", sorted(RESULTS))
@pytest.mark.parametrize("scale", [0.01, 0.05, 0.1])
def test_usual_scales_equal_litert(kind: str, scale: float) -> None:
    check_every_value(kind, (scale, -3), RESULTS[kind])


def test_kernel() -> None:
    for kind, result in RESULTS.items():
        check_pointwise(kind, (0.05, 4), result)


@pytest.mark.parametrize("kind", sorted(RESULTS))
def test_refusals(kind: str) -> None:
    refuse(unary(kind, (0.1, 0), (0.1, 0)), f"{kind} to this quantization is not supported; it must be")
    refuse(unary(kind, (8.0, 0), RESULTS[kind]), f"{kind} from this scale is not supported;.*found 8.0")
    refuse(unary(kind, (2.0**-28, 0), RESULTS[kind]), f"{kind} from this scale is not supported")
