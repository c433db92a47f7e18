"""CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED on int16: reference against TFLM, kernels against reference, windows,
arithmetic, refusals."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel_harness import run_kernel
from tests.operator_harness import changed, equals_golden, equals_tflm, kernel_equals_reference
from tests.ops.node_checks import check_region, refuse
from tests.ops.wide_checks import weighted, wide
from tests.tile_harness import check_every_run, check_tiles
from tests.tiny_model import build_model, node_of, run_tflm
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.ops.geometry import place

FUSED = ("NONE", "RELU", "RELU6", "RELU_N1_TO_1")


@st.composite
def convolutions(draw: st.DrawFn, batches: tuple[int, ...] = (1, 2)) -> OperatorSource:
    """With groups, or by channels."""
    by_channels, groups = draw(st.booleans()), draw(st.integers(1, 2))
    depth, multiplier = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    height, width = draw(st.integers(1, 8)), draw(st.integers(1, 7))
    kernel, stride, dilation = ([draw(st.integers(1, n)) for _ in range(2)] for n in (3, 3, 2))
    padding = draw(st.sampled_from(("SAME", "VALID")))
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    if padding == "VALID":
        height, width = max(height, reach[0]), max(width, reach[1])
    sizes = zip((height, width), kernel, stride, dilation, strict=True)
    result = [place(*numbers, padding).output for numbers in sizes]
    seed = draw(st.integers(0, 2**16))
    batch, channels = draw(st.sampled_from(batches)), depth * (1 if by_channels else groups)
    out = channels * multiplier if by_channels else groups * draw(st.integers(1, 6))
    shape = (1, *kernel, out) if by_channels else (out, *kernel, depth)
    options = {"stride_h": stride[0], "stride_w": stride[1], "padding": padding}
    options |= {"dilation_h_factor": dilation[0], "dilation_w_factor": dilation[1]}
    options |= {"depth_multiplier": multiplier} if by_channels else {}
    return weighted(
        "DEPTHWISE_CONV_2D" if by_channels else "CONV_2D",
        (batch, height, width, channels),
        np.random.default_rng(seed).integers(-128, 128, shape, np.int8),
        3 if by_channels else 0,
        (batch, *result, out),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.integers(0, 4)) == 0,
        seed,
        fused_activation_function=draw(st.sampled_from(FUSED)),
        **options,
    )


@st.composite
def denses(draw: st.DrawFn) -> OperatorSource:
    *leading, depth = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    out, seed, keep = draw(st.integers(1, 9)), draw(st.integers(0, 2**16)), draw(st.booleans())
    return weighted(
        "FULLY_CONNECTED",
        (*leading, depth),
        np.random.default_rng(seed).integers(-128, 128, (out, depth), np.int8),
        0,
        (*leading, out) if keep else (math.prod(leading), out),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.integers(0, 4)) == 0,
        seed,
        keep_num_dims=keep,
        fused_activation_function=draw(st.sampled_from(FUSED)),
    )


@settings(max_examples=60)
@given(convolutions() | denses(), st.integers(0, 9))
def test_reference_equals_tflm(source: OperatorSource, seed: int) -> None:
    equals_tflm(source, seed, litert=False)


@settings(max_examples=60)
@given(convolutions() | denses(), st.integers(0, 9))
def test_kernel(source: OperatorSource, seed: int) -> None:
    kernel_equals_reference(node_of(source), seed, dtype="int16")


@settings(max_examples=30)
@given(convolutions((1,)), st.data(), st.integers(0, 9))
def test_regions(source: OperatorSource, data: st.DataObject, seed: int) -> None:
    check_tiles(node_of(source), data, seed, dtype="int16")


def ones(kind: str = "CONV_2D", shape: tuple[int, ...] = (1, 6, 5, 2), out: int = 4, **more: object) -> OperatorSource:
    """A window of 3 x 3 over an image, all weights 127; every input is heard."""
    by_channels = kind == "DEPTHWISE_CONV_2D"
    weights = np.full((1, 3, 3, out) if by_channels else (out, 3, 3, shape[3]), 127, np.int8)
    return weighted(kind, shape, weights, 3 if by_channels else 0, (*shape[:3], out), False, padding="SAME", **more)


@pytest.mark.parametrize("kind", ["CONV_2D", "DEPTHWISE_CONV_2D"])
def test_every_run_of_columns(kind: str) -> None:
    check_every_run(node_of(ones(kind)), dtype="int16")


@pytest.mark.parametrize("kind", ["CONV_2D", "DEPTHWISE_CONV_2D"])
def test_windows_are_exact(kind: str) -> None:
    check_region(ones(kind), [np.random.default_rng(1).integers(-9999, 9999, (1, 6, 5, 2), np.int16)])


def test_long_vectors_do_not_leave_32_bits() -> None:
    """The kernel adds 256 products of the largest magnitude in 32 bits, then in 64."""
    source = weighted("FULLY_CONNECTED", (1, 1500), np.full((3, 1500), -128, np.int8), 0, (1, 3), False)
    source = dataclasses.replace(source, outputs=(wide(3, (1, 3), 40.0),))
    node = node_of(source)
    inputs = [np.full((1, 1500), -32768, np.int16)]
    np.testing.assert_array_equal(node.op.reference(inputs, range(1))[0], run_tflm(build_model([source]), inputs)[0])
    kernel_equals_reference(node, dtype="int16")
    np.testing.assert_array_equal(run_kernel(node, inputs, dtype="int16")[0], node.op.reference(inputs, range(1))[0])


def intervals(source: OperatorSource) -> dict[str, bool]:
    """Whether each integer that the operator names stays in its range."""
    op = node_of(source).op
    found = op.intermediates([(-(2**15), 2**15 - 1)])
    return {x.what: bool((x.low >= x.bounds[0]).all() and (x.high <= x.bounds[1]).all()) for x in found}


def test_what_leaves_the_range_of_the_rescaling_is_seen() -> None:
    assert all(intervals(ones()).values())
    weights = ones().inputs[1]
    assert weights is not None
    bias = dataclasses.replace(weights, index=7, shape=(4,), dtype=DType.INT64, data=np.full(4, 2**47))
    too_large = dataclasses.replace(ones(), inputs=(*ones().inputs, bias))
    assert not intervals(too_large)["sum of products and bias, in 64 bits"]
    steep = dataclasses.replace(ones(), outputs=(wide(3, (1, 6, 5, 4), 2.5e-7),))
    assert not intervals(steep)["rescaled sum"]


def test_refusals() -> None:
    source = ones()
    refuse(changed(source, 0, quantization=wide(0, (1,), 1.0, 3).quantization), "int16 with this zero point .*be 0")
    refuse(dataclasses.replace(source, outputs=(wide(3, (1, 6, 5, 4), 1e-9),)), "on int16 between these scales")
    negative = source.inputs[1]
    assert negative is not None
    assert negative.quantization is not None
    scales = tuple(-s for s in negative.quantization.scale)
    refuse(changed(source, 1, quantization=dataclasses.replace(negative.quantization, scale=scales)), "at least 0")
    dense = weighted("FULLY_CONNECTED", (2, 3), np.ones((4, 3), np.int8), 0, (2, 4))
    refuse(changed(dense, 2, data=np.zeros(4, np.int32), dtype=DType.INT32), "elements must be int64; found int32")


@pytest.mark.parametrize("name", ["ops_seanet_conv0_int16", "ops_seanet_conv5_int16"])
def test_golden(models_dir: Path, name: str) -> None:
    equals_golden(models_dir, name)
