"""RELU, RELU6, LEAKY_RELU, ABS, LOGISTIC, TANH and the poolings on int16: reference against TFLM over every value,
kernels against reference, refusals."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import equals_golden, equals_tflm, kernel_equals_reference, whole
from tests.ops.node_checks import check_in_place, check_region, refuse, source_of
from tests.ops.wide_checks import wide
from tests.tile_harness import check_tiles
from tests.tiny_model import build_model, node_of, run_tflm
from verify.ops.base import OperatorSource
from verify.ops.geometry import place

EVERY = np.arange(-(2**15), 2**15).astype(np.int16).reshape(1, 64, 64, 16)
"""All values that there are."""

Q15 = 2.0**-15


def unary(
    kind: str, scale: float, result: float, shape: tuple[int, ...] = EVERY.shape, **more: object
) -> OperatorSource:
    return source_of(kind, (wide(0, shape, scale),), wide(1, shape, result), **more)


CASES = [
    unary("RELU", 0.001, 0.001),
    unary("RELU", 0.001, 0.00037),
    unary("RELU6", 0.0005, 0.0005),
    unary("RELU6", 0.0001, 0.0001),
    unary("LEAKY_RELU", 0.001, 0.001, alpha=0.3),
    unary("LEAKY_RELU", 0.001, 0.0007, alpha=1.5),
    unary("ABS", 0.001, 0.001),
    unary("ABS", 0.001, 0.0017),
    unary("ABS", 0.001, 0.00031),
    unary("LOGISTIC", 2.0**-12, Q15),
    unary("LOGISTIC", 0.0003, Q15),
    unary("LOGISTIC", 0.9, Q15),
    unary("LOGISTIC", 1e-9, Q15),
    unary("TANH", 2.0**-12, Q15),
    unary("TANH", 2.0**-11 * 1.0002, Q15),
    unary("TANH", 0.00011, Q15),
    unary("TANH", 1.7, Q15),
]


@pytest.mark.parametrize("source", CASES, ids=lambda source: source.kind)
def test_every_value(source: OperatorSource) -> None:
    node = node_of(source)
    (theirs,) = run_tflm(build_model([source]), [EVERY])
    np.testing.assert_array_equal(whole(node, [EVERY])[0], theirs)
    check_in_place(source, [EVERY])
    low, high = node.op.stored([(-(2**15), 2**15 - 1)])
    assert (low, high) == (theirs.min(), theirs.max())
    for x in node.op.intermediates([(-(2**15), 2**15 - 1)]):
        assert (x.low >= x.bounds[0]).all() and (x.high <= x.bounds[1]).all(), x.what


@pytest.mark.parametrize("kind", ["LEAKY_RELU", "TANH"])
def test_rows_of_rings(kind: str) -> None:
    source = unary(kind, 0.001, Q15 if kind == "TANH" else 0.001, (1, 5, 3, 7))
    kernel_equals_reference(node_of(source), dtype="int16")


@settings(max_examples=20)
@given(st.sampled_from(("LEAKY_RELU", "TANH")), st.data(), st.integers(0, 9))
def test_regions(kind: str, data: st.DataObject, seed: int) -> None:
    source = unary(kind, 0.001, Q15 if kind == "TANH" else 0.001, (1, 4, 5, 3))
    check_tiles(node_of(source), data, seed, dtype="int16")


def test_what_leaves_32_bits_is_seen() -> None:
    """A slope of 2^20 does not fit."""
    op = node_of(unary("LEAKY_RELU", 1.0, 2.0**-20, (4,))).op
    assert any((x.high > x.bounds[1]).any() for x in op.intermediates([(-(2**15), 2**15 - 1)]))


@st.composite
def pools(draw: st.DrawFn) -> OperatorSource:
    kind, padding = draw(st.sampled_from(("AVERAGE_POOL_2D", "MAX_POOL_2D"))), draw(st.sampled_from(("SAME", "VALID")))
    kernel, stride = ((draw(st.integers(1, 3)), draw(st.integers(1, 3))) for _ in range(2))
    height, width, channels = (draw(st.integers(low, 7)) for low in (kernel[0], kernel[1], 1))
    sizes = zip((height, width), kernel, stride, strict=True)
    result = [place(extent, k, s, 1, padding).output for extent, k, s in sizes]
    options = {"padding": padding, "stride_h": stride[0], "stride_w": stride[1], "filter_height": kernel[0]}
    options |= {"filter_width": kernel[1], "fused_activation_function": draw(st.sampled_from(("NONE", "RELU6")))}
    x, y = wide(0, (1, height, width, channels)), wide(1, (1, *result, channels))
    return source_of(kind, (x,), y, **options)


@settings(max_examples=30)
@given(pools(), st.data(), st.integers(0, 9))
def test_pools(source: OperatorSource, data: st.DataObject, seed: int) -> None:
    node = equals_tflm(source, seed, litert=False)
    kernel_equals_reference(node, seed, dtype="int16")
    check_tiles(node, data, seed, regions=4, dtype="int16")


def test_the_window_of_a_pool_is_exact() -> None:
    options = {"padding": "SAME", "stride_h": 2, "stride_w": 1, "filter_height": 3, "filter_width": 2}
    source = source_of("AVERAGE_POOL_2D", (wide(0, (1, 7, 5, 2)),), wide(1, (1, 4, 5, 2)), **options)
    check_region(source, [np.random.default_rng(1).integers(-9999, 9999, (1, 7, 5, 2), np.int16)])


def test_refusals() -> None:
    refuse(unary("TANH", 0.001, 0.001), "TANH on int16 to this scale .*2\\^-15; found 0.001")
    refuse(unary("LOGISTIC", 4.0, Q15), "LOGISTIC on int16 from this scale .*below 8 / 3")
    refuse(unary("RELU6", 0.001, 0.002), "RELU6 between two quantizations")
    refuse(unary("LEAKY_RELU", 0.001, 0.001, alpha=-1.0), "LEAKY_RELU with this alpha")
    refuse(source_of("RELU", (wide(0, (4,), 0.001, 5),), wide(1, (4,))), "int16 with this zero point")
    options = {"padding": "SAME", "stride_h": 1, "stride_w": 1, "filter_height": 2, "filter_width": 2}
    ends = wide(0, (1, 4, 4, 1)), wide(1, (1, 4, 4, 1), 0.5)
    refuse(source_of("MAX_POOL_2D", ends[:1], ends[1], **options), "they must be equal")


def test_golden(models_dir: Path) -> None:
    equals_golden(models_dir, "ops_seanet_leaky_relu0_int16")
