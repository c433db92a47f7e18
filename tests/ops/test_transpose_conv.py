"""TRANSPOSE_CONV: reference against TFLM and LiteRT, kernel against reference, windows with their phases, refusals."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import changed, equals_tflm, kernel_equals_reference
from tests.ops.node_checks import check_region, int8, refuse
from tests.tile_harness import check_every_run, check_tiles
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import Window
from verify.ops.base import OperatorSource


def transposed(
    shape: tuple[int, ...] = (1, 4, 3, 2),
    kernel: tuple[int, int] = (3, 2),
    channels: int = 5,
    stride: tuple[int, int] = (2, 2),
    padding: str = "SAME",
    bias: bool = True,
    per_channel: bool = True,
    zero_points: tuple[int, int] = (-5, 7),
    more: tuple[int, int] = (0, 0),
    seed: int = 0,
) -> OperatorSource:
    """`more`: positions by which the result is larger than it need be, less than a stride."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(-127, 128, (channels, *kernel, shape[3]), dtype=np.int8)
    scales = rng.uniform(0.002, 0.02, channels if per_channel else 1)
    size = [extent * s for extent, s in zip(shape[1:3], stride, strict=True)]
    if padding == "VALID":
        size = [(e - 1) * s + k + m for e, s, k, m in zip(shape[1:3], stride, kernel, more, strict=True)]
    result = (shape[0], *size, channels)
    taps = kernel[0] * kernel[1] * shape[3] / (stride[0] * stride[1])
    biases = constant(4, rng.integers(-2000, 2000, channels, dtype=np.int32), scales * 0.05)
    operands = [
        constant(1, np.array(result, np.int32)),
        constant(2, weights, scales),
        activation(0, shape, 0.05, zero_points[0]),
    ]
    options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    y = activation(3, result, 0.05 * 0.01 * np.sqrt(max(taps, 1)) * 50, zero_points[1])
    return OperatorSource("TRANSPOSE_CONV", (*operands, *([biases] if bias else [])), (y,), options)


@st.composite
def transposeds(draw: st.DrawFn, batches: tuple[int, ...] = (1, 2)) -> OperatorSource:
    stride = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    return transposed(
        (draw(st.sampled_from(batches)), draw(st.integers(1, 6)), draw(st.integers(1, 5)), draw(st.integers(1, 3))),
        (draw(st.integers(1, 5)), draw(st.integers(1, 5))),
        draw(st.integers(1, 9)),
        stride,
        draw(st.sampled_from(("SAME", "VALID"))),
        draw(st.booleans()),
        draw(st.booleans()),
        (draw(st.integers(-128, 127)), draw(st.integers(-128, 127))),
        (draw(st.integers(0, stride[0] - 1)), draw(st.integers(0, stride[1] - 1))),
        draw(st.integers(0, 2**16)),
    )


@settings(max_examples=40)
@given(transposeds(), st.integers(0, 9))
def test_reference(source: OperatorSource, seed: int) -> None:
    equals_tflm(source, seed)


@settings(max_examples=40)
@given(transposeds(), st.integers(0, 9))
def test_kernel(source: OperatorSource, seed: int) -> None:
    kernel_equals_reference(node_of(source), seed)


@settings(max_examples=40)
@given(transposeds((1,)), st.data(), st.integers(0, 9))
def test_regions(source: OperatorSource, data: st.DataObject, seed: int) -> None:
    check_tiles(node_of(source), data, seed)


@pytest.mark.parametrize("kernel", [(3, 3), (4, 2), (2, 5)])
def test_every_run_of_columns(kernel: tuple[int, int]) -> None:
    check_every_run(node_of(transposed((1, 4, 5, 3), kernel, 3)))


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("stride", [(1, 1), (2, 3), (3, 2)])
@pytest.mark.parametrize("kernel", [(3, 3), (4, 4), (5, 3), (6, 7)])
def test_windows_are_exact(kernel: tuple[int, int], stride: tuple[int, int], padding: str) -> None:
    """Every position of the window is heard, in every phase, and no other one."""
    check_region(transposed((1, 6, 5, 2), kernel, 8, stride, padding), [int8(np.random.default_rng(1), 1, 6, 5, 2)])


def test_phases() -> None:
    """With 3 taps and stride 2 a row lies in one window or in two, by turns."""
    op = node_of(transposed((1, 6, 6, 1), (3, 3))).op
    assert op.window(0, Axis.HEIGHT) == Window(kernel=2, pad_before=1, upsample=2, short=1)
    assert [op.window(0, Axis.HEIGHT).need(y, y + 1, 6) for y in range(4)] == [(0, 1), (0, 1), (0, 2), (1, 2)]


def test_windows_with_gaps_between_them_hold_what_matters() -> None:
    source = transposed((1, 5, 4, 2), (1, 2), 4, (3, 3), "VALID")
    window = node_of(source).op.window(0, Axis.HEIGHT)
    assert window == Window(upsample=3)
    equals_tflm(source)
    kernel_equals_reference(node_of(source))


@pytest.mark.parametrize("fused", ["RELU", "RELU6"])
def test_a_fused_activation(fused: str) -> None:
    source = transposed()
    equals_tflm(dataclasses.replace(source, options={**source.options, "fused_activation_function": fused}))


def test_the_result_is_what_the_file_records() -> None:
    """TFLM does not look at the shape that is asked for."""
    source = transposed()
    equals_tflm(changed(source, 0, data=np.array([1, 9, 9, 9], np.int32)), litert=False)


def test_channels_that_leave() -> None:
    source = transposed(channels=4)
    node = node_of(source)
    smaller = node.op.without([{1: -5}], {0, 3})
    assert smaller is not None
    image = int8(np.random.default_rng(0), 1, 4, 3, 2)
    image[..., 1] = -5
    (whole,), (part,) = node.op.reference([image], range(8)), smaller.reference([image[..., :1]], range(8))
    np.testing.assert_array_equal(whole[..., 1:3], part)
    assert node.op.without([{1: 4}], set()) is None


def test_refusals() -> None:
    refuse(changed(transposed(), 2, dtype=DType.UINT8), "TRANSPOSE_CONV on uint8 is not supported")
    refuse(changed(transposed(), 2, shape=(1, 4, 3, 7)), "both ends must be images of the weights' channels")
    refuse(changed(transposed(), 1, data=None), "computed weights is not supported")
    refuse(OperatorSource("TRANSPOSE_CONV", transposed().inputs[:2], transposed().outputs, {}), "number of operands")
