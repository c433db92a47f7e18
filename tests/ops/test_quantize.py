"""QUANTIZE."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, refuse, source_of
from tests.tiny_model import activation, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource

INT8, UINT8, FLOAT32 = DType.INT8, DType.UINT8, DType.FLOAT32
PAIRS = [(INT8, INT8), (INT8, UINT8), (UINT8, INT8), (UINT8, UINT8)]


def quantize(source: DType, target: DType, operand, result, shape: tuple[int, ...] = (256,)) -> OperatorSource:
    return source_of("QUANTIZE", (activation(0, shape, *operand, source),), activation(1, shape, *result, target))


def point(dtype: DType, drawn: int) -> int:
    return drawn if dtype is INT8 else drawn + 128


@pytest.mark.parametrize("pair", PAIRS)
@settings(max_examples=25)
@given(st.floats(-12, 4), st.integers(-128, 127), st.floats(-6, 6), st.integers(-128, 127))
def test_every_value(pair: tuple[DType, DType], exponent: float, first: int, ratio: float, second: int) -> None:
    source, target = pair
    operand = (2.0**exponent, point(source, first))
    result = (2.0 ** (exponent + ratio), point(target, second))
    every = np.arange(256, dtype=np.uint8).view(source.numpy)
    # TFLM has no kernel from uint8 to uint8; LiteRT has all four.
    check_oracles(quantize(source, target, operand, result), [every], tflm=pair != (UINT8, UINT8))


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("shape", [(256,), (3, 7), (1, 5, 3, 2)])
def test_kernel_between_integers(pair: tuple[DType, DType], shape: tuple[int, ...]) -> None:
    source, target = pair
    op = quantize(source, target, (0.1, point(source, 3)), (0.07, point(target, -9)), shape)
    inputs = [np.resize(np.arange(256, dtype=np.uint8), shape).view(source.numpy)]
    check_kernel(op, inputs)
    check_region(op, inputs) if source is INT8 else None
    if source is target:
        check_in_place(op, inputs)


def reals(scale: float, seed: int) -> np.ndarray:
    """Values around every half step, where rounding decides, and far outside the stored range."""
    rng = np.random.default_rng(seed)
    halves = (np.arange(-300, 300) + 0.5).astype(np.float32) * np.float32(scale)
    near = [halves, np.nextafter(halves, np.float32(np.inf)), np.nextafter(halves, np.float32(-np.inf))]
    wide = rng.normal(0, 1000 * scale, 200).astype(np.float32)
    return np.concatenate([*near, wide, np.float32([0.0, -0.0, 0.49999997 * scale])])


@settings(max_examples=25)
@given(st.floats(-20, 20), st.integers(-128, 127), st.integers(0, 2**32 - 1))
def test_from_float(exponent: float, zero_point: int, seed: int) -> None:
    scale = float(np.float32(2.0**exponent))
    inputs = [reals(scale, seed)]
    source = quantize(FLOAT32, INT8, (1.0, 0), (scale, zero_point), inputs[0].shape)
    check_oracles(source, inputs)
    check_kernel(source, inputs)


@settings(max_examples=20)
@given(st.floats(-20, 20), st.integers(-300, 300), st.integers(0, 2**32 - 1))
def test_from_float_to_16_bits(exponent: float, zero_point: int, seed: int) -> None:
    scale = float(np.float32(2.0**exponent))
    wide = np.random.default_rng(seed).normal(0, 20_000 * scale, 400).astype(np.float32)
    inputs = [np.concatenate([reals(scale, seed), wide])]
    source = quantize(FLOAT32, DType.INT16, (1.0, 0), (scale, zero_point), inputs[0].shape)
    check_oracles(source, inputs)
    check_kernel(source, inputs)


def test_what_c_leaves_open() -> None:
    """NaN, infinities and quotients beyond int32: the oracles' results depend on the machine they run on."""
    inputs = [np.float32([np.nan, np.inf, -np.inf, 3e38, -3e38, 1e12, -1e12])]
    source = quantize(FLOAT32, INT8, (1.0, 0), (0.01, -7), (7,))
    check_kernel(source, inputs)
    (result,) = node_of(source).op.reference(inputs, range(1))
    np.testing.assert_array_equal(result[0], [-7, 127, -128, 127, -128, 127, -128])
    source = quantize(FLOAT32, DType.INT16, (1.0, 0), (0.01, -7), (7,))
    check_kernel(source, inputs)
    (result,) = node_of(source).op.reference(inputs, range(1))
    np.testing.assert_array_equal(result[0], [-7, 32767, -32768, 32767, -32768, 32767, -32768])


WIDE = [
    (INT8, DType.INT16, 0.1, 0.002),
    (INT8, DType.INT32, 0.1, 0.00002),
    (DType.INT16, INT8, 0.001, 0.3),
    (DType.INT16, DType.INT16, 0.001, 0.0013),
    (DType.INT16, DType.INT32, 0.001, 0.0001),
    (DType.INT32, INT8, 1e-6, 16.0),
    (DType.INT32, DType.INT16, 1e-5, 0.7),
]


@pytest.mark.parametrize(("source", "target", "scale", "result"), WIDE)
def test_between_integers_of_more_than_8_bits(source: DType, target: DType, scale: float, result: float) -> None:
    info, rng = np.iinfo(source.numpy), np.random.default_rng(0)
    inputs = [rng.integers(info.min, info.max, (3, 7, 5), source.numpy, endpoint=True)]
    inputs[0].flat[:3] = info.min, info.max, 0
    op = quantize(source, target, (scale, 5 if source is INT8 else 0), (result, -3 if target is INT8 else 0), (3, 7, 5))
    check_oracles(op, inputs, litert=False)  # which lacks some of the pairs
    check_kernel(op, inputs)


def test_windows_and_place() -> None:
    op = node_of(quantize(FLOAT32, INT8, (1.0, 0), (0.01, -7), (1, 4, 3, 2))).op
    assert op.window(0, Axis.HEIGHT) == op.window(0, Axis.WIDTH) == POINTWISE
    assert op.row_wise


def test_rows_of_an_image_from_float() -> None:
    shape = (1, 4, 3, 2)
    inputs = [np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)]
    check_kernel(quantize(FLOAT32, INT8, (1.0, 0), (0.01, -7), shape), inputs)


def test_refusals() -> None:
    refuse(quantize(FLOAT32, UINT8, (1.0, 0), (0.1, 0)), "QUANTIZE of float32 to uint8 is not supported")
    refuse(quantize(DType.INT64, INT8, (1.0, 0), (0.1, 0)), "QUANTIZE on int64 is not supported; elements must be ")
    refuse(quantize(DType.INT32, DType.INT32, (1.0, 0), (0.1, 0)), "QUANTIZE of int32 to int32 is not supported")
    refuse(quantize(INT8, INT8, (1e9, 0), (1e-9, 0)), "QUANTIZE between these scales is not supported")
    refuse(
        quantize(INT8, UINT8, (0.1, 0), (0.1, -1)), r"zero point is not supported; .* must be in \[0, 255\]; found -1"
    )
