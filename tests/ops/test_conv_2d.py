"""CONV_2D: reference against TFLM and goldens, C kernel against reference, region rule, refusals."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import (
    changed,
    equals_golden,
    equals_tflm,
    kernel_equals_reference,
    window_equals_impulse_response,
)
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import Padding
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.conv_2d import Conv2D
from verify.ops.geometry import place

OPTIONS = {
    "stride_h": 1,
    "stride_w": 1,
    "dilation_h_factor": 1,
    "dilation_w_factor": 1,
    "padding": "SAME",
    "fused_activation_function": "NONE",
}


def conv(
    image: tuple[int, int, int, int] = (1, 6, 5, 3),
    kernel: tuple[int, int] = (3, 2),
    channels: int = 4,
    groups: int = 1,
    per_channel: bool = True,
    bias: bool = True,
    zero_points: tuple[int, int] = (-5, 7),
    seed: int = 0,
    positive: bool = False,
    **options: object,
) -> OperatorSource:
    """A convolution with random weights and scales that use most of the output's range."""
    rng = np.random.default_rng(seed)
    merged = OPTIONS | options
    depth = image[3] // groups
    weights = rng.integers(1 if positive else -127, 128, (channels, *kernel, depth), dtype=np.int8)
    scales = rng.uniform(0.002, 0.02, channels if per_channel else 1)
    taps = kernel[0] * kernel[1] * depth
    outputs = [
        place(image[i + 1], kernel[i], merged[f"stride_{a}"], merged[f"dilation_{a}_factor"], merged["padding"]).output
        for i, a in enumerate("hw")
    ]
    out_scale = 0.05 * 0.01 * (taps * 127 * 200 if positive else np.sqrt(taps) * 5000) / 100
    biases = constant(2, rng.integers(-2000, 2000, channels, dtype=np.int32), scales * 0.05)
    return OperatorSource(
        "CONV_2D",
        (activation(0, image, 0.05, zero_points[0]), constant(1, weights, scales), *([biases] if bias else [])),
        (activation(3, (image[0], *outputs, channels), out_scale, zero_points[1]),),
        merged,
    )


@st.composite
def convs(draw: st.DrawFn, batches: tuple[int, ...] = (1, 2)) -> OperatorSource:
    """Small lopsided convolutions of every kind that we do."""
    groups = draw(st.sampled_from((1, 1, 2, 3)))
    kernel = (draw(st.integers(1, 4)), draw(st.integers(1, 4)))
    dilation = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    padding = draw(st.sampled_from(("SAME", "VALID")))
    least = [(k - 1) * d + 1 if padding == "VALID" else 1 for k, d in zip(kernel, dilation, strict=True)]
    height, width = (draw(st.integers(low, max(low, 9))) for low in least)
    return conv(
        (draw(st.sampled_from(batches)), height, width, groups * draw(st.integers(1, 3))),
        kernel,
        groups * draw(st.integers(1, 5)),
        groups,
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
@given(convs(), st.integers(0, 99))
def test_reference_equals_tflm(source: OperatorSource, seed: int) -> None:
    equals_tflm(source, seed, litert=len(source.inputs) == 3)  # LiteRT insists on a bias


def test_a_bias_marked_absent_is_none() -> None:
    source = conv(bias=False)
    equals_tflm(dataclasses.replace(source, inputs=(*source.inputs, None)), litert=False)


@settings(max_examples=50)
@given(convs(), st.integers(0, 99))
def test_kernel_equals_reference(source: OperatorSource, seed: int) -> None:
    kernel_equals_reference(node_of(source), seed)


@pytest.mark.parametrize("name", ["ops_aww_layer0_int8", "ops_resnet_layer0_int8", "ops_vww_layer4_int8"])
def test_goldens(models_dir: Path, name: str) -> None:
    equals_golden(models_dir, name)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize(("kernel", "stride", "dilation"), [(1, 1, 1), (3, 1, 1), (3, 2, 1), (2, 3, 1), (3, 1, 2)])
def test_windows_are_sound_and_tight(kernel: int, stride: int, dilation: int, padding: str) -> None:
    source = conv(
        (1, 8, 7, 2), (kernel, kernel), 2, positive=True, padding=padding, stride_h=stride, stride_w=stride,
        dilation_h_factor=dilation, dilation_w_factor=dilation, zero_points=(-128, -128),
    )  # fmt: skip
    for axis in (Axis.HEIGHT, Axis.WIDTH):
        window_equals_impulse_response(node_of(source), axis, exact_edges=dilation == 1)


def test_a_batch_has_no_window() -> None:
    assert node_of(conv((2, 6, 5, 3))).op.window(0, Axis.HEIGHT) is None
    assert node_of(conv()).op.window(0, Axis.TIME) is None


@settings(max_examples=20)
@given(convs(batches=(1,)), st.tuples(*[st.integers(0, 3)] * 4))
def test_absorbed_padding_changes_nothing(source: OperatorSource, sides: tuple[int, int, int, int]) -> None:
    op = Conv2D.from_tflite(source)
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
    node = dataclasses.replace(node_of(source, merged), input_shapes=(inner.shape,))
    kernel_equals_reference(node)


@pytest.mark.parametrize("sides", [(4, 4, 0, 0), (0, 0, 4, 4), (3, 4, 3, 4)])
def test_windows_that_lie_outside_of_the_image_are_their_bias(sides: tuple[int, int, int, int]) -> None:
    top, bottom, left, right = sides
    source = conv((1, 5 + top + bottom, 4 + left + right, 3), (2, 3), padding="VALID")
    op = Conv2D.from_tflite(source)
    merged = op.absorb_padding(Padding(*sides, op.input_zero_point))
    assert merged is not None
    kernel_equals_reference(dataclasses.replace(node_of(source, merged), input_shapes=((1, 5, 4, 3),)))


def test_padding_of_another_value_is_not_absorbed() -> None:
    op = Conv2D.from_tflite(conv(zero_points=(3, 0)))
    assert op.absorb_padding(Padding(1, 1, 1, 1, 0)) is None
    assert op.padding == Padding(1, 1, 0, 1, 3)
    assert op.padding_zero == 3
    assert Conv2D.from_tflite(conv(padding="VALID")).padding is None


def test_counts() -> None:
    op = Conv2D.from_tflite(conv((2, 6, 5, 4), (3, 2), 8, groups=2, stride_h=2))
    assert op.macs == 2 * 3 * 5 * 8 * 3 * 2 * 2


def test_intervals_are_reached_in_every_channel() -> None:
    source = conv((1, 3, 3, 2), (3, 3), 3, padding="VALID", zero_points=(9, 0), bias=False)
    op = Conv2D.from_tflite(source)
    found = op.intermediates([(-128, 127)])[0]
    signs = np.sign(op.weights.astype(np.int64))
    extremes = [np.where(signs * side > 0, 127, -128) - 9 for side in (1, -1)]
    sums = [(x * op.weights).sum(axis=(1, 2, 3)) for x in extremes]
    assert found.low.tolist() == sums[1].tolist() and found.high.tolist() == sums[0].tolist()


def test_refusals() -> None:
    source = conv()
    weights = source.inputs[1]
    assert weights is not None and weights.data is not None and weights.quantization is not None
    cases = [
        (changed(source, 1, data=None), "computed weights"),
        (changed(source, 2, data=None), "computed bias"),
        (changed(source, 0, dtype=DType.INT16), "int16"),
        (changed(source, 0, shape=(6, 5, 3)), "batch height width channels"),
        (changed(source, 1, data=weights.data.astype(np.int32), dtype=DType.INT32), "weights on int32"),
        (changed(source, 1, quantization=dataclasses.replace(weights.quantization, axis=3)), "scales along axis 3"),
        (changed(source, 1, quantization=dataclasses.replace(weights.quantization, zero_point=(1,) * 4)), "only 0"),
        (changed(source, 0, quantization=None), "one scale"),
        (conv(fused_activation_function="TANH"), "fused activation TANH"),
        (changed(source, 0, shape=(1, 6, 5, 4)), "do not split into groups of 3"),
        (dataclasses.replace(source, outputs=(activation(3, (1, 6, 5, 9)),)), r"must be \(1, 6, 5, 4\)"),
        (dataclasses.replace(source, options=OPTIONS | {"padding": "VALID", "dilation_h_factor": 3}), "does not fit"),
        (dataclasses.replace(source, options=OPTIONS | {"stride_h": 0}), "stride .=0. must be at least 1"),
    ]
    for case, message in cases:
        with pytest.raises(UnsupportedError, match=message):
            Conv2D.from_tflite(case)
