"""BATCH_MATMUL, and FULLY_CONNECTED of two activations."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.kernel_harness import run_kernel
from tests.operator_harness import whole
from tests.ops.node_checks import check_kernel, check_oracles, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource

Shape = tuple[int, ...]
Scaled = tuple[float, int]
SCALES: tuple[Scaled, Scaled, Scaled] = (0.02, -3), (0.03, 7), (0.05, 1)


def product(x: Shape, y: Shape, result: Shape, swap_x=False, swap_y=False, scales=SCALES) -> OperatorSource:
    first, second, out = (
        activation(i, s, *scale) for i, (s, scale) in enumerate(zip((x, y, result), scales, strict=True))
    )
    return source_of("BATCH_MATMUL", (first, second), out, adj_x=swap_x, adj_y=swap_y)


@st.composite
def shapes(draw: st.DrawFn) -> tuple[Shape, Shape, Shape, bool, bool]:
    """Operands of any ranks whose batches stretch to each other."""
    ranks = draw(st.integers(2, 5)), draw(st.integers(2, 5))
    batch = draw(st.lists(st.integers(1, 3), min_size=max(ranks) - 2, max_size=max(ranks) - 2))
    m, k, n = (draw(st.integers(1, 5)) for _ in range(3))
    swaps = draw(st.booleans()), draw(st.booleans())
    ends = [(m, k), (k, n)]
    found = []
    for rank, end, swap in zip(ranks, ends, swaps, strict=True):
        own = [draw(st.sampled_from([1, extent])) for extent in batch[len(batch) - (rank - 2) :]]
        found.append((*own, *(end[::-1] if swap else end)))
    leading = np.broadcast_shapes(found[0][:-2], found[1][:-2])
    return found[0], found[1], (*leading, m, n), *swaps


@settings(max_examples=60)
@given(shapes(), st.integers(0, 2**16))
@example(((1, 4, 3, 2), (1, 4, 5, 2), (1, 4, 3, 5), False, True), 0)
def test_all_shapes(drawn: tuple[Shape, Shape, Shape, bool, bool], seed: int) -> None:
    x, y, result, *swaps = drawn
    rng = np.random.default_rng(seed)
    points = rng.integers(-128, 128, 3)
    scales = tuple((float(2.0 ** rng.uniform(-6, 0)), int(point)) for point in points)
    source = product(
        x, y, result, *swaps, scales=(scales[0], scales[1], (scales[0][0] * scales[1][0] * 90, scales[2][1]))
    )
    inputs = [int8(rng, *x), int8(rng, *y)]
    check_oracles(source, inputs, litert=False)
    check_kernel(source, inputs)


def dense(x: Shape, weights: Shape, result: Shape, fused: str = "NONE", biased: bool = True) -> OperatorSource:
    first, second, out = (
        activation(i, s, *scale) for i, (s, scale) in enumerate(zip((x, weights, result), SCALES, strict=True))
    )
    bias = constant(3, np.arange(-3, weights[0] - 3, dtype=np.int32) * 700, 0.0006) if biased else None
    inputs = (first, second, bias)
    return OperatorSource(
        "FULLY_CONNECTED", inputs, (out,), {"fused_activation_function": fused, "keep_num_dims": len(x) > 2}
    )


@pytest.mark.parametrize(
    ("source", "x"),
    [
        (dense((5, 7), (4, 7), (5, 4)), (5, 7)),
        (dense((5, 7), (4, 7), (5, 4), "RELU6", biased=False), (5, 7)),
        (dense((1, 3, 2, 7), (4, 7), (1, 3, 2, 4), "RELU"), (1, 3, 2, 7)),
    ],
)
def test_fully_connected_with_computed_weights(source: OperatorSource, x: Shape) -> None:
    rng = np.random.default_rng(3)
    inputs = [int8(rng, *x), int8(rng, 4, 7)]
    check_oracles(source, inputs, litert=False)
    check_kernel(source, inputs)


def test_rows_of_the_first_operand_come_one_by_one() -> None:
    def windows(source: OperatorSource) -> list[bool]:
        op = node_of(source).op
        assert [op.window(p, axis) for p in (0, 1) for axis in (Axis.WIDTH, Axis.TIME)] == [None] * 4
        return [op.window(p, Axis.HEIGHT) == POINTWISE for p in (0, 1)]

    assert windows(product((5, 3), (3, 4), (5, 4))) == [True, False]
    assert windows(product((3, 5), (3, 4), (5, 4), swap_x=True)) == [False, False]
    assert windows(product((1, 4, 3, 2), (1, 4, 2, 5), (1, 4, 3, 5))) == [True, True], "heads"
    assert windows(product((1, 4, 3, 2), (1, 1, 2, 5), (1, 4, 3, 5))) == [True, False]
    assert windows(product((4, 3, 2), (4, 2, 5), (4, 3, 5))) == [True, True], "a batch"
    assert windows(product((3, 2), (4, 2, 5), (4, 3, 5))) == [False, True]
    assert windows(dense((5, 7), (4, 7), (5, 4))) == [True, False]


@pytest.mark.parametrize(("swap_x", "swap_y"), [(False, False), (False, True), (True, False), (True, True)])
def test_three_axes_lifted_to_an_image(swap_x: bool, swap_y: bool) -> None:
    """The same bytes of the same bytes; rows of the first operand then stream."""
    x, y = (1, 3, 5) if swap_x else (1, 5, 3), (1, 4, 3) if swap_y else (1, 3, 4)
    node = node_of(product(x, y, (1, 5, 4), swap_x, swap_y))
    other = node.op.reordered((0, 1, None, 2))
    assert other is not None
    assert other.input_shapes == ((1, x[1], 1, x[2]), (1, y[1], 1, y[2])) and other.output_shapes == ((1, 5, 1, 4),)
    lifted = replace(node, op=other.op, input_shapes=other.input_shapes, output_shapes=other.output_shapes)
    rng = np.random.default_rng(0)
    inputs = [int8(rng, *x), int8(rng, *y)]
    views = [a.reshape(s) for a, s in zip(inputs, other.input_shapes, strict=True)]
    expected = whole(node, inputs)[0]
    np.testing.assert_array_equal(whole(lifted, views)[0].ravel(), expected.ravel())
    for ring in (False, True):
        np.testing.assert_array_equal(run_kernel(lifted, views, ring=ring)[0].ravel(), expected.ravel())
    assert (other.op.window(0, Axis.HEIGHT), other.op.window(1, Axis.HEIGHT)) == (None if swap_x else POINTWISE, None)
    assert node.op.reordered((0, 2, 1)) is None, "the sum is along the last axis of memory"


def test_an_operand_of_fewer_axes_stays_as_it_is() -> None:
    node = node_of(dense((1, 5, 3), (4, 3), (1, 5, 4)))
    other = node.op.reordered((0, 1, None, 2))
    assert other is not None and other.input_shapes == ((1, 5, 1, 3), (4, 3))
    rng = np.random.default_rng(0)
    x, weights = int8(rng, 1, 5, 3), int8(rng, 4, 3)
    lifted = replace(node, op=other.op, input_shapes=other.input_shapes, output_shapes=other.output_shapes)
    expected = whole(node, [x, weights])[0].ravel()
    np.testing.assert_array_equal(run_kernel(lifted, [x.reshape(1, 5, 1, 3), weights])[0].ravel(), expected)


def test_long_sums_leave_32_bits_in_the_claim_as_well() -> None:
    """As many products as have to be named: 255 * 255 * 33026 exceeds 2^31."""
    op = node_of(product((1, 33026), (33026, 1), (1, 1), scales=((0.02, -128), (0.03, -128), (9.0, 0)))).op
    found = op.intermediates([(-128, 127), (-128, 127)])[0]
    assert found.high[0] == 255 * 255 * 33026 > found.bounds[1]


def test_refusals() -> None:
    refuse(product((4,), (4, 2), (1, 2)), "BATCH_MATMUL of vectors is not supported")
    refuse(product((3, 4), (3, 2), (3, 2)), "BATCH_MATMUL of these shapes is not supported; what is summed over")
    refuse(product((2, 3, 4), (3, 4, 2), (3, 3, 2)), "batches equal or 1")
    refuse(product((3, 4), (4, 2), (2, 3)), r'"t2" must be \(3, 2\) by the operands')
    refuse(
        product((3, 4), (4, 2), (3, 2), scales=((1e9, 0), (1e9, 0), (1e-9, 0))), "between these scales is not supported"
    )
    refuse(dense((5, 7), (4, 6), (5, 4)), "FULLY_CONNECTED of these shapes is not supported; the input must end in")
    floats = source_of(
        "BATCH_MATMUL", [activation(k, (3, 3), dtype=DType.FLOAT32) for k in (0, 1)], activation(2, (3, 3))
    )
    refuse(floats, "BATCH_MATMUL on float32 is not supported")
