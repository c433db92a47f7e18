"""RELU, RELU6 and LEAKY_RELU."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import refuse
from tests.ops.unary_checks import EVERY, check_every_value, check_pointwise, unary
from tests.tiny_model import build_model, run_litert, run_tflm
from verify.graph.tensor import DType

POINTS = st.integers(-128, 127)


@settings(max_examples=40)
@given(st.floats(-12, 4), POINTS, st.floats(-6, 6), POINTS)
def test_relu(exponent: float, in_zero_point: int, ratio: float, out_zero_point: int) -> None:
    operand = (2.0**exponent, in_zero_point)
    check_every_value("RELU", operand, (2.0 ** (exponent + ratio), out_zero_point))


@settings(max_examples=40)
@given(st.floats(-12, 4), POINTS, st.floats(-6, 6), POINTS, st.floats(0, 4, width=32))
def test_leaky_relu(exponent: float, in_zero_point: int, ratio: float, out_zero_point: int, alpha: float) -> None:
    operand = (2.0**exponent, in_zero_point)
    check_every_value("LEAKY_RELU", operand, (2.0 ** (exponent + ratio), out_zero_point), alpha=alpha)


@settings(max_examples=40)
@given(st.floats(-9, 4), POINTS)
def test_relu6(exponent: float, zero_point: int) -> None:
    check_every_value("RELU6", (2.0**exponent, zero_point), (2.0**exponent, zero_point))


def test_tflm_does_not_rescale_in_relu6() -> None:
    """The fact behind the refusal: TFLM and LiteRT differ, and TFLM's result has the operand's scale."""
    model = build_model([unary("RELU6", (0.05, -128), (0.02, -128))])
    (tflm,), (litert,) = run_tflm(model, [EVERY]), run_litert(model, [EVERY])
    np.testing.assert_array_equal(tflm, np.clip(EVERY, -128, -128 + 120))
    assert (tflm != litert).any()


def test_kernel() -> None:
    check_pointwise("RELU", (0.1, 4), (0.2, -7))
    check_pointwise("RELU6", (0.1, 4), (0.1, 4))
    check_pointwise("LEAKY_RELU", (0.1, 4), (0.2, -7), alpha=0.125)


def test_refusals() -> None:
    refuse(unary("RELU6", (0.1, 0), (0.2, 0)), "RELU6 between two quantizations is not supported; TFLM clamps without")
    refuse(unary("LEAKY_RELU", (0.1, 0), (0.2, 0), alpha=-1.0), "alpha is not supported; it must be finite.*found -1.0")
    refuse(unary("RELU", (1e9, 0), (1e-9, 0)), "RELU between these scales is not supported")
    to_uint8 = unary("RELU", (0.1, 0), (0.1, 0), dtypes=(DType.INT8, DType.UINT8))
    refuse(to_uint8, "RELU on uint8 is not supported; elements must be int8")
