"""Fused activation ranges against TFLM, through a pooling of single positions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ops.pools import pool
from tests.tiny_model import build_model, run_tflm
from verify.graph.tensor import Quantization
from verify.ops.activation import activation_range
from verify.ops.base import UnsupportedError

EVERY = np.arange(-128, 128, dtype=np.int8).reshape(1, 16, 16, 1)


def tflm_range(name: str, scale: float, zero_point: int) -> tuple[int, int]:
    source = pool("MAX_POOL_2D", EVERY.shape, (1, 1), activation_function=name, scale=scale, zero_point=zero_point)
    (clamped,) = run_tflm(build_model([source]), [EVERY])
    return int(clamped.min()), int(clamped.max())


@given(
    st.sampled_from(("NONE", "RELU", "RELU6", "RELU_N1_TO_1")), st.floats(2**-8, 2.0, width=32), st.integers(-128, 127)
)
def test_equals_tflm(name: str, scale: float, zero_point: int) -> None:
    assert activation_range(name, Quantization((scale,), (zero_point,))) == tflm_range(name, scale, zero_point)


def test_bounds_are_divided_in_float32() -> None:
    """Six over this scale is 101.5 in float32 and less than that in double precision."""
    scale = np.float32(6) / np.float32(101.5)
    assert np.float32(6) / scale == 101.5 > 6 / float(scale)
    expected = activation_range("RELU6", Quantization((float(scale),), (-128,)))
    assert expected == tflm_range("RELU6", float(scale), -128) == (-128, -26)


def test_other_activations_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="fused activation TANH is not supported"):
        activation_range("TANH", Quantization((1.0,), (0,)))
