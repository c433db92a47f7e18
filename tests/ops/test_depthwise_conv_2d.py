"""DEPTHWISE_CONV_2D: reference against TFLM, C kernel against reference, region rule, refusals."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import changed, equals_tflm, kernel_equals_reference, window_equals_impulse_response
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import Padding
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.ops.geometry import place

OPTIONS = {
    "stride_h": 1,
    "stride_w": 1,
    "dilation_h_factor": 1,
    "dilation_w_factor": 1,
    "padding": "SAME",
    "fused_activation_function": "NONE",
}


def depthwise(
    image: tuple[int, int, int, int] = (1, 6, 5, 3),
    kernel: tuple[int, int] = (3, 2),
    multiplier: int = 1,
    per_channel: bool = True,
    bias: bool = True,
    zero_points: tuple[int, int] = (-5, 7),
    seed: int = 0,
    positive: bool = False,
    **options: object,
) -> OperatorSource:
    """A depthwise convolution with random weights and scales that use most of the output's range."""
    rng = np.random.default_rng(seed)
    merged = OPTIONS | {"depth_multiplier": multiplier} | options
    channels = image[3] * multiplier
    weights = rng.integers(1 if positive else -127, 128, (1, *kernel, channels), dtype=np.int8)
    scales = rng.uniform(0.002, 0.02, channels if per_channel else 1)
    taps = kernel[0] * kernel[1]
    outputs = [
        place(image[i + 1], kernel[i], merged[f"stride_{a}"], merged[f"dilation_{a}_factor"], merged["padding"]).output
        for i, a in enumerate("hw")
    ]
    out_scale = 0.05 * 0.01 * (taps * 127 * 200 if positive else np.sqrt(taps) * 5000) / 100
    biases = constant(2, rng.integers(-2000, 2000, channels, dtype=np.int32), scales * 0.05)
    return OperatorSource(
        "DEPTHWISE_CONV_2D",
        (activation(0, image, 0.05, zero_points[0]), constant(1, weights, scales, axis=3), *([biases] if bias else [])),
        (activation(3, (image[0], *outputs, channels), out_scale, zero_points[1]),),
        merged,
    )


@st.composite
def depthwises(draw: st.DrawFn, batches: tuple[int, ...] = (1, 2)) -> OperatorSource:
    """Small lopsided depthwise convolutions of every kind that we do."""
    kernel = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    dilation = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    padding = draw(st.sampled_from(("SAME", "VALID")))
    least = [(k - 1) * d + 1 if padding == "VALID" else 1 for k, d in zip(kernel, dilation, strict=True)]
    height, width = (draw(st.integers(low, max(low, 9))) for low in least)
    return depthwise(
        (draw(st.sampled_from(batches)), height, width, draw(st.integers(1, 9))),
        kernel,
        draw(st.sampled_from((1, 1, 2, 3))),
        draw(st.booleans()),
        draw(st.booleans()),
        (draw(st.integers(-128, 127)), draw(st.integers(-128, 127))),
        draw(st.integers(0, 2**16)),
        stride_h=draw(st.integers(1, 3)),
        stride_w=draw(st.integers(1, 3)),
        dilation_h_factor=dilation[0],
        dilation_w_factor=dilation[1],
        padding=padding,
        fused_activation_function=draw(st.sampled_from(("NONE", "RELU", "RELU6", "RELU_N1_TO_1"))),
    )


@settings(max_examples=150)
@given(depthwises(), st.integers(0, 99))
def test_reference_equals_tflm(source: OperatorSource, seed: int) -> None:
    equals_tflm(source, seed, litert=len(source.inputs) == 3)  # LiteRT insists on a bias


@settings(max_examples=50)
@given(depthwises(), st.integers(0, 99))
def test_kernel_equals_reference(source: OperatorSource, seed: int) -> None:
    kernel_equals_reference(node_of(source), seed)


def test_a_bias_with_a_channel_axis_it_has_not_is_read() -> None:
    """person_detect says quantized_dimension 3 of its one-dimensional biases; TFLM ignores it."""
    source = depthwise()
    bias = source.inputs[2]
    assert bias is not None and bias.quantization is not None
    odd = changed(source, 2, quantization=dataclasses.replace(bias.quantization, axis=3))
    equals_tflm(odd, litert=False)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(1, 1, 1), (3, 1, 1), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
def test_windows_are_sound_and_tight(kernel: int, stride: int, dilation: int, padding: str) -> None:
    source = depthwise(
        (1, 8, 7, 2), (kernel, kernel), 2, positive=True, padding=padding, stride_h=stride, stride_w=stride,
        dilation_h_factor=dilation, dilation_w_factor=dilation, zero_points=(-128, -128),
    )  # fmt: skip
    for axis in (Axis.HEIGHT, Axis.WIDTH):
        window_equals_impulse_response(node_of(source), axis, exact_edges=dilation == 1)


def test_a_batch_has_no_window() -> None:
    assert node_of(depthwise((2, 6, 5, 3))).op.window(0, Axis.HEIGHT) is None


@settings(max_examples=20)
@given(depthwises(batches=(1,)), st.tuples(*[st.integers(0, 3)] * 4))
def test_absorbed_padding_changes_nothing(source: OperatorSource, sides: tuple[int, int, int, int]) -> None:
    op = DepthwiseConv2D.from_tflite(source)
    top, bottom, left, right = sides
    _, height, width, channels = op.geometry.input_shape
    if height <= top + bottom or width <= left + right:
        return
    merged = op.absorb_padding(Padding(*sides, op.input_zero_point))
    assert merged is not None
    inner = np.random.default_rng(1).integers(-128, 128, merged.geometry.input_shape, dtype=np.int8)
    outer = np.pad(inner, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=op.input_zero_point)
    rows = range(op.geometry.output_shape[1])
    np.testing.assert_array_equal(merged.reference([inner], rows)[0], op.reference([outer], rows)[0])
    kernel_equals_reference(dataclasses.replace(node_of(source, merged), input_shapes=(inner.shape,)))


def test_padding_of_another_value_is_not_absorbed() -> None:
    op = DepthwiseConv2D.from_tflite(depthwise(zero_points=(3, 0)))
    assert op.absorb_padding(Padding(1, 1, 1, 1, 0)) is None
    assert op.padding == Padding(1, 1, 0, 1, 3)


def test_counts() -> None:
    op = DepthwiseConv2D.from_tflite(depthwise((2, 6, 5, 4), (3, 2), 2, stride_h=2))
    assert op.macs == 2 * 3 * 5 * 8 * 3 * 2


def test_intervals_are_reached_in_every_channel() -> None:
    op = DepthwiseConv2D.from_tflite(depthwise((1, 3, 3, 2), (3, 3), padding="VALID", zero_points=(9, 0), bias=False))
    signs = np.sign(op.weights.astype(np.int64))
    extremes = [np.where(signs * side > 0, 127, -128) - 9 for side in (1, -1)]
    sums = [(x * op.weights).sum(axis=(0, 1)) for x in extremes]
    found = op.intermediates([(-128, 127)])[0]
    assert found.low.tolist() == sums[1].tolist() and found.high.tolist() == sums[0].tolist()


def test_refusals() -> None:
    source = depthwise()
    weights = source.inputs[1]
    assert weights is not None and weights.quantization is not None
    cases = [
        (changed(source, 1, data=None), "computed weights"),
        (changed(source, 1, quantization=dataclasses.replace(weights.quantization, axis=0)), "scales along axis 0"),
        (changed(source, 0, dtype=DType.UINT8), "uint8"),
        (changed(source, 0, shape=(1, 6, 5, 2)), "do not give 3 output channels"),
        (depthwise(depth_multiplier=2), "depth multiplier 2 do not give 3"),
        (depthwise(fused_activation_function="SIGN_BIT"), "fused activation SIGN_BIT"),
    ]
    for case, message in cases:
        with pytest.raises(UnsupportedError, match=message):
            DepthwiseConv2D.from_tflite(case)
