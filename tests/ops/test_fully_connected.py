"""FULLY_CONNECTED: reference against TFLM and LiteRT, goldens, C kernel against reference, region rule, refusals."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import changed, equals_tflm, kernel_equals_reference, random_inputs, whole
from tests.tiny_model import activation, build_model, constant, node_of, run_litert, run_tflm
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.fully_connected import FullyConnected
from verify.tflite.read import read_model

VERSIONS = {"FULLY_CONNECTED": 4}


def dense(
    shape: tuple[int, ...] = (2, 5),
    in_depth: int = 5,
    out_depth: int = 6,
    keep: bool = False,
    per_channel: bool = False,
    bias: bool = True,
    zero_points: tuple[int, int] = (-5, 7),
    seed: int = 0,
    activation_function: str = "NONE",
) -> OperatorSource:
    """A fully connected layer with random weights and scales that use most of the output's range."""
    rng = np.random.default_rng(seed)
    weights = rng.integers(-127, 128, (out_depth, in_depth), dtype=np.int8)
    scales = rng.uniform(0.002, 0.02, out_depth if per_channel else 1)
    out_shape = (*shape[:-1], out_depth) if keep else (math.prod(shape) // in_depth, out_depth)
    biases = constant(2, rng.integers(-2000, 2000, out_depth, dtype=np.int32), scales * 0.05)
    out_scale = 0.05 * 0.01 * np.sqrt(in_depth) * 5000 / 100
    return OperatorSource(
        "FULLY_CONNECTED",
        (activation(0, shape, 0.05, zero_points[0]), constant(1, weights, scales), *([biases] if bias else [])),
        (activation(3, out_shape, out_scale, zero_points[1]),),
        {"fused_activation_function": activation_function, "keep_num_dims": keep},
    )


@st.composite
def denses(draw: st.DrawFn) -> OperatorSource:
    leading = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)))
    last = draw(st.integers(1, 9))
    keep = draw(st.booleans())
    flatten = not keep and draw(st.booleans())
    return dense(
        (*leading, last),
        math.prod((*leading[1:], last)) if flatten else last,
        draw(st.integers(1, 9)),
        keep,
        draw(st.booleans()),
        draw(st.booleans()),
        (draw(st.integers(-128, 127)), draw(st.integers(-128, 127))),
        draw(st.integers(0, 2**16)),
        draw(st.sampled_from(("NONE", "RELU", "RELU6", "RELU_N1_TO_1"))),
    )


@settings(max_examples=150)
@given(denses(), st.integers(0, 99))
def test_reference_equals_tflm(source: OperatorSource, seed: int) -> None:
    equals_tflm(source, seed, litert=False)


def test_the_product_of_scales_is_a_float32() -> None:
    """With this product twice as an output scale the multiplier is 1/2 sharp, and halves round up."""
    rng = np.random.default_rng(0)
    scales = rng.uniform(0.01, 0.1, (1000, 2)).astype(np.float32)
    a, b = next(pair for pair in scales if float(pair[0]) * float(pair[1]) < float(pair[0] * pair[1]))
    source = OperatorSource(
        "FULLY_CONNECTED",
        (activation(0, (4, 1), a), constant(1, np.ones((1, 1), np.int8), b)),
        (activation(2, (4, 1), 2 * a * b),),
        {},
    )
    node = node_of(source)
    odd = np.array([[1], [3], [5], [7]], np.int8)
    (theirs,) = run_tflm(build_model([source]), [odd])
    np.testing.assert_array_equal(whole(node, [odd])[0], theirs)
    assert theirs.ravel().tolist() == [1, 2, 3, 4]


@settings(max_examples=150)
@given(denses(), st.integers(0, 99))
def test_single_rounding_equals_litert(source: OperatorSource, seed: int) -> None:
    op = dataclasses.replace(FullyConnected.from_tflite(source), rounding="single")
    node = node_of(source, op)
    inputs = random_inputs(node.input_shapes, seed)
    (theirs,) = run_litert(build_model([source], versions=VERSIONS), inputs)
    np.testing.assert_array_equal(whole(node, inputs)[0], theirs)


def test_the_two_roundings_differ() -> None:
    source = dense((40, 30), 30, 40)
    node = node_of(source)
    once = node_of(source, dataclasses.replace(FullyConnected.from_tflite(source), rounding="single"))
    inputs = random_inputs(node.input_shapes, 0)
    difference = whole(node, inputs)[0].astype(int) - whole(once, inputs)[0]
    assert np.abs(difference).max() == 1


@settings(max_examples=50)
@given(denses(), st.sampled_from(("double", "single")), st.integers(0, 99))
def test_kernel_equals_reference(source: OperatorSource, rounding: str, seed: int) -> None:
    op = dataclasses.replace(FullyConnected.from_tflite(source), rounding=rounding)  # type: ignore[arg-type]
    kernel_equals_reference(node_of(source, op), seed)


def test_golden(models_dir: Path) -> None:
    """LiteRT's recorded outputs round once."""
    name = "ops_resnet_layer14_int8"
    graph = read_model((models_dir / "corpus" / "ops" / f"{name}.tflite").read_bytes(), name)
    (node,) = graph.nodes
    assert isinstance(node.op, FullyConnected)
    once = dataclasses.replace(node, op=dataclasses.replace(node.op, rounding="single"))
    golden = np.load(models_dir / "corpus" / "golden" / "ops" / f"{name}.npz")
    seeds = [key.split("_")[0] for key in golden if key.endswith("_in0")]
    assert seeds
    for seed in seeds:
        vectors = golden[f"{seed}_in0"].reshape(node.input_shapes[0])
        np.testing.assert_array_equal(whole(once, [vectors])[0].ravel(), golden[f"{seed}_ref_out0"].ravel())
    kernel_equals_reference(node)


@pytest.mark.parametrize(
    ("shape", "in_depth", "keep", "pointwise"),
    [
        ((4, 5), 5, False, True),
        ((1, 4, 3, 5), 5, True, True),
        ((2, 4, 3, 5), 5, True, True),
        ((1, 4, 3, 5), 5, False, False),
        ((1, 4, 3, 5), 60, False, False),
        ((1, 1, 3, 5), 15, False, True),
    ],
)
def test_window(shape: tuple[int, ...], in_depth: int, keep: bool, pointwise: bool) -> None:
    node = node_of(dense(shape, in_depth, 3, keep))
    assert node.op.window(0, Axis.HEIGHT) == (POINTWISE if pointwise else None)
    assert node.op.window(0, Axis.WIDTH) is None
    quiet = np.full(shape, node.op.padding_zero, np.int8)
    rows = quiet.reshape(-1, math.prod(shape[-2:]) if len(shape) > 2 else shape[-1])
    loud = rows.copy()
    loud[-1] = 100 if node.op.padding_zero < 0 else -100
    out_rows = range(node.output_shapes[0][0] if len(node.output_shapes[0]) == 2 else math.prod(shape[:-2]))
    heard = node.op.reference([loud.reshape(shape)], out_rows)[0] != node.op.reference([quiet], out_rows)[0]
    touched = heard.reshape(len(out_rows), -1).any(axis=1)
    assert touched[-1]
    assert touched.sum() == 1 if pointwise else len(rows) != len(out_rows)


def test_counts() -> None:
    op = FullyConnected.from_tflite(dense((3, 5), 5, 6))
    assert op.macs == 3 * 5 * 6


def test_refusals() -> None:
    source = dense()
    weights = source.inputs[1]
    assert weights is not None and weights.quantization is not None
    shifted = dataclasses.replace(weights.quantization, zero_point=(3,))
    cases = [
        (
            changed(source, 1, data=None, shape=(4, 4)),
            "of these shapes is not supported; the input must end in as many",
        ),
        (changed(source, 1, quantization=shifted), r"zero points \[3\]; only 0"),
        (changed(source, 0, dtype=DType.INT16), "int16"),
        (changed(source, 0, shape=(2, 4)), "does not split into vectors of 5"),
        (dataclasses.replace(source, outputs=(activation(3, (3, 6)),)), r"do not give \(3, 6\)"),
        (dense(activation_function="TANH"), "fused activation TANH"),
        (dataclasses.replace(source, options={"weights_format": "SHUFFLED4x16INT8"}), "weights_format must be DEFAULT"),
        (changed(dense(keep=True), 0, shape=(5, 2)), "must end in 5"),
    ]
    for case, message in cases:
        with pytest.raises(UnsupportedError, match=message):
            FullyConnected.from_tflite(case)
