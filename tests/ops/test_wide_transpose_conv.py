"""TRANSPOSE_CONV on int16: reference against TFLM, kernel against reference, regions, refusals."""

import dataclasses
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import changed, equals_tflm, kernel_equals_reference, whole
from tests.ops.node_checks import check_region, refuse
from tests.ops.wide_checks import wide
from tests.tile_harness import check_tiles
from tests.tiny_model import constant, node_of, run_tflm
from verify.graph.tensor import DType
from verify.ops.base import OperatorSource
from verify.tflite.read import read_model


def transposed(
    shape: tuple[int, ...] = (1, 4, 3, 2),
    kernel: tuple[int, int] = (3, 2),
    channels: int = 5,
    stride: tuple[int, int] = (2, 2),
    padding: str = "SAME",
    per_channel: bool = True,
    weight: int | None = None,
    seed: int = 0,
) -> OperatorSource:
    rng = np.random.default_rng(seed)
    weights = rng.integers(-127, 128, (channels, *kernel, shape[3]), dtype=np.int8)
    weights = weights if weight is None else np.full_like(weights, weight)
    scales = rng.uniform(0.002, 0.02, channels if per_channel else 1)
    size = [extent * s for extent, s in zip(shape[1:3], stride, strict=True)]
    if padding == "VALID":
        size = [(e - 1) * s + k for e, s, k in zip(shape[1:3], stride, kernel, strict=True)]
    result = (shape[0], *size, channels)
    operands = (
        constant(1, np.array(result, np.int32)),
        constant(2, weights, scales),
        wide(0, shape),
        constant(4, rng.integers(-(2**24), 2**24, channels), scales * 0.001),
    )
    options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1]}
    return OperatorSource("TRANSPOSE_CONV", operands, (wide(3, result, 0.002),), options)


@st.composite
def transposeds(draw: st.DrawFn, batches: tuple[int, ...] = (1, 2)) -> OperatorSource:
    return transposed(
        (draw(st.sampled_from(batches)), draw(st.integers(1, 6)), draw(st.integers(1, 5)), draw(st.integers(1, 3))),
        (draw(st.integers(1, 5)), draw(st.integers(1, 5))),
        draw(st.integers(1, 9)),
        (draw(st.integers(1, 3)), draw(st.integers(1, 3))),
        draw(st.sampled_from(("SAME", "VALID"))),
        draw(st.booleans()),
        None,
        draw(st.integers(0, 2**16)),
    )


@settings(max_examples=30)
@given(transposeds(), st.integers(0, 9))
def test_reference_equals_tflm_and_kernel(source: OperatorSource, seed: int) -> None:
    node = equals_tflm(source, seed, litert=False)
    kernel_equals_reference(node, seed, dtype="int16")


@settings(max_examples=20)
@given(transposeds((1,)), st.data(), st.integers(0, 9))
def test_regions(source: OperatorSource, data: st.DataObject, seed: int) -> None:
    check_tiles(node_of(source), data, seed, dtype="int16")


def test_windows_are_exact() -> None:
    source = transposed((1, 6, 5, 2), (3, 4), 8, weight=127)
    check_region(source, [np.random.default_rng(1).integers(-99, 99, (1, 6, 5, 2), np.int16)])


def test_a_bias_of_16_bits() -> None:
    source = transposed()
    bias = np.arange(-5000, 5000, 2000, np.int16)
    equals_tflm(changed(source, 3, data=bias, dtype=DType.INT16), litert=False)


def test_refusals() -> None:
    source = transposed()
    refuse(dataclasses.replace(source, inputs=source.inputs[:3]), "on int16 without a bias")
    refuse(changed(source, 2, quantization=wide(0, (1,), 1.0, 3).quantization), "int16 with this zero point")


def test_a_shape_that_is_computed_is_not_looked_at(models_dir: Path) -> None:
    """As a network of the corpus has it, which gives the shape as an input."""
    name = "ops_seanet_transpose_conv0_int16"
    data = (models_dir / "corpus" / "ops" / f"{name}.tflite").read_bytes()
    (node,) = read_model(data, name).nodes
    image = np.random.default_rng(0).integers(-(2**15), 2**15, node.input_shapes[0], np.int16)
    (theirs,) = run_tflm(data, [np.array(node.output_shapes[0], np.int32), image])
    np.testing.assert_array_equal(whole(node, [image])[0], theirs)
