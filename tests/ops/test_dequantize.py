"""DEQUANTIZE."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.ops.unary_checks import EVERY
from tests.tiny_model import activation
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource


def dequantize(scale: float, zero_point: int, shape: tuple[int, ...] = (256,)) -> OperatorSource:
    x = activation(0, shape, scale, zero_point)
    return source_of("DEQUANTIZE", (x,), activation(1, shape, dtype=DType.FLOAT32))


@settings(max_examples=40)
@given(st.floats(-60, 60), st.integers(-128, 127))
def test_every_value(exponent: float, zero_point: int) -> None:
    source = dequantize(2.0**exponent, zero_point)
    check_oracles(source, [EVERY])


@settings(max_examples=20)
@given(st.sampled_from([DType.UINT8, DType.INT16]), st.floats(-60, 60), st.integers(0, 255), st.integers(0, 999))
def test_other_integers(dtype: DType, exponent: float, zero_point: int, seed: int) -> None:
    info = np.iinfo(dtype.numpy)
    values = np.random.default_rng(seed).integers(info.min, info.max, (3, 101), dtype.numpy, endpoint=True)
    values.flat[:3] = info.min, info.max, 0
    x = activation(0, values.shape, 2.0**exponent, zero_point, dtype)
    source = source_of("DEQUANTIZE", (x,), activation(1, values.shape, dtype=DType.FLOAT32))
    check_oracles(source, [values], litert=dtype is DType.UINT8 or zero_point == 0)
    check_kernel(source, [values])


@pytest.mark.parametrize("shape", [(256,), (3, 5), (1, 4, 3, 2)])
@pytest.mark.parametrize("scale", [0.1, 1e-30, 1.7e20])
def test_kernel(scale: float, shape: tuple[int, ...]) -> None:
    inputs = [np.resize(EVERY, shape)]
    source = dequantize(scale, -9, shape)
    check_kernel(source, inputs)
    check_region(source, [int8(np.random.default_rng(0), *shape)])


def test_refusals() -> None:
    x, y = activation(0, (4,)), activation(1, (4,))
    refuse(source_of("DEQUANTIZE", (x,), y), "DEQUANTIZE on int8 is not supported; elements must be float32")
    int32, real = activation(0, (4,), 1.0, 0, DType.INT32), activation(1, (4,), dtype=DType.FLOAT32)
    refuse(source_of("DEQUANTIZE", (int32,), real), "DEQUANTIZE on int32 is not supported; elements must be int8")
    refuse(dequantize(float("inf"), 0), "DEQUANTIZE with this scale is not supported")
