"""Element-wise kernels of cortex-m-dsp against the references, in the form that runs on any host."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_in_place, check_kernel, int8
from tests.ops.test_add import ACTIVATIONS, EVERY_FIRST, EVERY_SECOND, binary, stretching_shapes
from tests.ops.test_quantize import quantize, reals
from tests.tile_harness import check_every_run, check_tiles
from tests.tiny_model import node_of
from verify.graph.tensor import DType
from verify.ops.arithmetic import INT32
from verify.ops.base import OperatorSource
from verify.targets.registry import target_named

DSP = "cortex-m-dsp"
SEEDS = st.integers(0, 2**32 - 1)

SCALES = [
    ((0.0213, -3), (0.0307, 7), (0.0391, 1)),
    ((1.5, -128), (0.001, 127), (1.9, -128)),
    ((0.007, 0), (0.007, 0), (0.0071, 0)),
    ((0.1, 5), (0.1, -7), (0.2, 3)),  # halves
    ((0.1, 0), (0.3, 0), (0.8, 0)),
    ((0.031, 127), (0.033, -128), (0.0211, 127)),
]


def chosen(source: OperatorSource, target: str = DSP) -> str:
    return target_named(target).choose(node_of(source)).name


@pytest.mark.parametrize(("kind", "case"), [*(("ADD", case) for case in range(len(SCALES))), ("SUB", 0), ("SUB", 3)])
def test_all_pairs(kind: str, case: int) -> None:
    shape = (1, 256, 64, 4)
    pairs = [every.astype(np.int8).reshape(shape) for every in (EVERY_FIRST, EVERY_SECOND)]
    source = binary(kind, shape, shape, shape, SCALES[case], ACTIVATIONS[case % 4])
    assert chosen(source) == "stj_add_s8_dsp"
    check_kernel(source, pairs, DSP)
    for position in (0, 1):
        assert position in target_named(DSP).choose(node_of(source)).in_place(node_of(source))
    check_in_place(source, pairs, DSP)


@settings(max_examples=25)
@given(stretching_shapes(max_rank=5), st.sampled_from(SCALES), st.sampled_from(ACTIVATIONS), SEEDS)
def test_stretched_sums(
    shapes: tuple[tuple[int, ...], ...], scales: tuple[tuple[float, int], ...], fused: str, seed: int
) -> None:
    """Steps of one byte are the kernel's own; the portable one has the others."""
    rng = np.random.default_rng(seed)
    first, second, result = shapes
    source = binary("SUB", first, second, result, scales, fused)
    assert (chosen(source) == "stj_add_s8_dsp") >= (first == second)
    check_kernel(source, [int8(rng, *first), int8(rng, *second)], DSP)


@settings(max_examples=30)
@given(st.integers(1, 19), st.integers(1, 5), st.data(), SEEDS)
def test_sums_of_regions(channels: int, width: int, data: st.DataObject, seed: int) -> None:
    check_tiles(node_of(binary("ADD", *[(1, 4, width, channels)] * 3, SCALES[0])), data, seed, 4, DSP)


def test_sums_of_every_run_of_columns() -> None:
    check_every_run(node_of(binary("ADD", *[(1, 7, 9, 3)] * 3, SCALES[0])), target=DSP)


@settings(max_examples=25)
@given(
    st.tuples(*[st.floats(0.01, 0.04)] * 3),
    st.tuples(*[st.integers(-128, 127)] * 3),
    st.sampled_from(["ADD", "SUB"]),
    st.sampled_from(ACTIVATIONS),
)
def test_lines_are_exact(scales: tuple[float, ...], points: tuple[int, ...], kind: str, fused: str) -> None:
    """What C6 has for the kernel: the sums fit, and no pair of bytes differs."""
    shape = (1, 1, 1, 4)
    node = node_of(binary(kind, shape, shape, shape, tuple(zip(scales, points, strict=True)), fused))
    kernel = target_named(DSP).choose(node)
    if kernel.name != "stj_add_s8_dsp":
        return
    sums, wrong = kernel.intermediates(node, [(-128, 127), (-128, 127)])
    assert INT32[0] <= sums.low[0] <= sums.high[0] <= INT32[1]
    assert wrong.bounds == (0, 0) and wrong.low[0] == wrong.high[0] == 0


def test_sums_that_no_line_gives() -> None:
    """Many sums are halves, which TFLM's roundings tell apart; and slopes of 4 and more leave no room."""
    shape = (1, 2, 3, 4)
    for scales in (((0.02, -3), (0.03, 7), (0.04, 1)), ((0.1, 5), (0.1, 5), (0.0005, -20))):
        assert chosen(binary("ADD", shape, shape, shape, scales)) == "stj_add_s8"


def test_lines_of_usual_scales() -> None:
    rng = np.random.default_rng(0)
    shape = (1, 1, 1, 4)
    names = []
    for _ in range(40):
        scales = [(s, int(z)) for s, z in zip(rng.uniform(0.02, 0.04, 3), rng.integers(-128, 128, 3), strict=True)]
        names.append(chosen(binary("ADD", shape, shape, shape, scales)))
    assert names.count("stj_add_s8_dsp") > 36


@settings(max_examples=25)
@given(st.floats(-125, 20), st.integers(-128, 127), SEEDS)
def test_from_float(exponent: float, zero_point: int, seed: int) -> None:
    scale = float(np.float32(2.0**exponent))
    inputs = [np.concatenate([reals(scale, seed), np.float32([np.nan, np.inf, -np.inf, 3e38, -3e38])])]
    source = quantize(DType.FLOAT32, DType.INT8, (1.0, 0), (scale, zero_point), inputs[0].shape)
    assert chosen(source) == "stj_quantize_s8_dsp"
    check_kernel(source, inputs, DSP)


def test_from_float_by_rows() -> None:
    shape = (1, 4, 3, 3)
    inputs = [np.random.default_rng(0).normal(0, 1, shape).astype(np.float32)]
    check_kernel(quantize(DType.FLOAT32, DType.INT8, (1.0, 0), (0.01, -7), shape), inputs, DSP)


def test_a_scale_that_cannot_be_halved() -> None:
    tiny = quantize(DType.FLOAT32, DType.INT8, (1.0, 0), (float(np.float32(2.0**-126)), 3))
    assert chosen(tiny) == "stj_quantize_s8"


PRODUCTS = [
    ((0.0213, -3), (0.0307, 7), (0.091, 1)),
    ((0.05, -128), (1 / 256, -128), (0.05, -128)),
    ((0.1, 127), (0.1, -128), (1.3, 127)),
    ((0.25, 0), (0.25, 0), (1.0, 0)),  # halves
    ((0.5, 5), (0.5, -7), (2.0, 3)),
]


@pytest.mark.parametrize("case", range(len(PRODUCTS)))
@pytest.mark.parametrize("fused", ["NONE", "RELU6"])
def test_all_products(case: int, fused: str) -> None:
    shape = (1, 256, 64, 4)
    pairs = [every.astype(np.int8).reshape(shape) for every in (EVERY_FIRST, EVERY_SECOND)]
    source = binary("MUL", shape, shape, shape, PRODUCTS[case], fused)
    assert chosen(source) == "stj_mul_s8_dsp"
    check_kernel(source, pairs, DSP)


@settings(max_examples=25)
@given(stretching_shapes(max_rank=5), st.sampled_from(PRODUCTS), st.sampled_from(ACTIVATIONS), SEEDS)
def test_stretched_products(
    shapes: tuple[tuple[int, ...], ...], scales: tuple[tuple[float, int], ...], fused: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    first, second, result = shapes
    source = binary("MUL", first, second, result, scales, fused)
    assert (chosen(source) == "stj_mul_s8_dsp") >= (first == second)
    check_kernel(source, [int8(rng, *first), int8(rng, *second)], DSP)


def test_products_of_every_run_of_columns() -> None:
    source = binary("MUL", *[(1, 7, 9, 3)] * 3, PRODUCTS[0])
    check_every_run(node_of(source), target=DSP)
    rng = np.random.default_rng(0)
    check_in_place(source, [int8(rng, 1, 7, 9, 3), int8(rng, 1, 7, 9, 3)], DSP)


def test_products_that_one_multiplication_does_not_give() -> None:
    """A result larger than the product of its operands takes a shift to the left."""
    shape = (1, 2, 3, 4)
    source = binary("MUL", shape, shape, shape, ((0.5, 0), (0.9, 0), (0.1, 0)))
    assert chosen(source) == "stj_mul_s8"


@settings(max_examples=25)
@given(st.integers(1, 40), st.booleans(), st.data(), SEEDS)
def test_lookups(channels: int, flips: bool, data: st.DataObject, seed: int) -> None:
    """The highest bit alone between int8 and uint8 of one scale, a table for other scales."""
    shape = (1, 4, 3, channels)
    result = (0.1, 131) if flips else (0.07, 120)
    source = quantize(DType.INT8, DType.UINT8, (0.1, 3), result, shape)
    assert chosen(source) == ("stj_flip_s8_dsp" if flips else "stj_lookup_s8_dsp")
    check_kernel(source, [int8(np.random.default_rng(seed), *shape)], DSP)
    check_tiles(node_of(source), data, seed, 4, DSP)


def test_lookups_in_place() -> None:
    every = np.resize(np.arange(256, dtype=np.uint8), (3, 7, 29)).view(np.int8)
    source = quantize(DType.INT8, DType.INT8, (0.1, 3), (0.07, -9), every.shape)
    assert chosen(source) == "stj_lookup_s8_dsp"
    check_in_place(source, [every], DSP)
