"""Fixed-point functions against the real ones; that they equal gemmlowp's is tested through the operators."""

import numpy as np
import pytest

from verify.ops import fixed_point

# Sixteen bits of a fraction are more than any int8 result shows.
TOLERANCE = 2.0**-20


def real(x: np.ndarray, integer_bits: int = 0) -> np.ndarray:
    return x / 2.0 ** (31 - integer_bits)


@pytest.mark.parametrize("integer_bits", [4, 5])
def test_exp_on_negative_values(integer_bits: int) -> None:
    x = -np.linspace(0, 2**31 - 1, 5000).astype(np.int64)
    found = real(fixed_point.exp_on_negative_values(x, integer_bits))
    np.testing.assert_allclose(found, np.exp(real(x, integer_bits)), atol=TOLERANCE)


def test_logistic_and_tanh() -> None:
    x = np.linspace(-(2**31) + 1, 2**31 - 1, 5001).astype(np.int64)
    np.testing.assert_allclose(real(fixed_point.logistic(x, 4)), 1 / (1 + np.exp(-real(x, 4))), atol=TOLERANCE)
    np.testing.assert_allclose(real(fixed_point.tanh(x, 4)), np.tanh(real(x, 4)), atol=TOLERANCE)


def test_reciprocal() -> None:
    for x in (1.0, 1.25, 2.0, 3.0, 511.9, 4000.0):
        factor, shift = fixed_point.reciprocal(round(x * 2**19), 12)
        assert factor * 2.0 ** (-31 - shift) == pytest.approx(1 / x, rel=TOLERANCE)


def test_input_radius() -> None:
    """Stored values below the radius, scaled by any multiplier of that shift, stay below 2^31."""
    assert fixed_point.input_radius(4, 24) == 15 * 2**27 // 2**24
    assert fixed_point.input_radius(5, 30) == 1
    assert fixed_point.input_radius(4, 31) == 0
