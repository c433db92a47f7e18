"""ADD and SUB; their shapes stand for all operators with two operands."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource
from verify.targets.registry import PORTABLE, target_named

# scale and zero point of the operands and the result
SCALES = [
    ((0.02, -3), (0.03, 7), (0.04, 1)),
    ((1.5, -128), (0.001, 127), (1.9, -128)),
    ((0.007, 0), (0.007, 0), (0.0071, 0)),
    ((0.00003, 12), (0.9, -60), (0.2, 100)),
    ((0.1, 5), (0.1, 5), (0.0005, -20)),
]
ACTIVATIONS = ["NONE", "RELU", "RELU6", "RELU_N1_TO_1"]
EVERY_FIRST, EVERY_SECOND = np.indices((256, 256), np.int16) - 128


def binary(kind, first, second, result, scales=SCALES[0], fused="NONE") -> OperatorSource:
    shapes = (first, second, result)
    x1, x2, y = (activation(i, shape, *scale) for i, (shape, scale) in enumerate(zip(shapes, scales, strict=True)))
    return source_of(kind, (x1, x2), y, fused_activation_function=fused)


@pytest.mark.parametrize("kind", ["ADD", "SUB"])
@pytest.mark.parametrize("case", range(5))
def test_all_pairs(kind: str, case: int) -> None:
    shape = (1, 256, 64, 4)
    pairs = [every.astype(np.int8).reshape(shape) for every in (EVERY_FIRST, EVERY_SECOND)]
    source = binary(kind, shape, shape, shape, SCALES[case], ACTIVATIONS[case % 4])
    check_oracles(source, pairs)
    check_kernel(source, pairs)


@st.composite
def stretching_shapes(draw: st.DrawFn, max_rank: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Two shapes that stretch to each other, one perhaps of lower rank, and their common shape."""
    rank = draw(st.integers(1, max_rank))
    result = tuple(draw(st.lists(st.integers(1, 4), min_size=rank, max_size=rank)))
    first, second = list(result), list(result)
    for axis in range(rank):
        side = draw(st.sampled_from((None, None, first, second)))
        if side is not None:
            side[axis] = 1
    dropped = draw(st.integers(0, rank - 1))
    if all(extent == 1 for extent in second[:dropped]):
        second = second[dropped:]
    if draw(st.booleans()):
        first, second = second, first
    return tuple(first), tuple(second), result


@settings(max_examples=25)
@given(stretching_shapes(max_rank=5), st.integers(0, 2**32 - 1))
def test_stretched_operands(shapes: tuple[tuple[int, ...], ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second, result = shapes
    inputs = [int8(rng, *first), int8(rng, *second)]
    source = binary("SUB", first, second, result)
    check_oracles(source, inputs, tflm=len(result) < 5)
    check_kernel(source, inputs)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((1, 5, 3, 2), (1, 5, 3, 2)),
        ((1, 5, 3, 2), (1, 1, 3, 2)),
        ((1, 5, 1, 2), (1, 5, 3, 1)),
        ((1, 1, 3, 1), (1, 5, 1, 2)),
        ((1, 5, 3, 2), (1, 1, 1, 1)),
    ],
)
def test_windows_are_what_matters(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    source = binary("ADD", first, second, np.broadcast_shapes(first, second))
    check_region(source, [int8(rng, *first), int8(rng, *second)])
    op = node_of(source).op
    for position, shape in enumerate((first, second)):
        assert op.window(position, Axis.HEIGHT) == (POINTWISE if shape[1] == 5 else None)
        assert op.window(position, Axis.WIDTH) == (POINTWISE if shape[2] == 3 else None)
        assert op.window(position, Axis.TIME) is None


def test_windows_need_images() -> None:
    for first, second in (((2, 5, 3, 2), (2, 5, 3, 2)), ((5, 3, 2), (5, 3, 2)), ((5, 2), (5, 2))):
        op = node_of(binary("ADD", first, second, first)).op
        assert op.window(0, Axis.HEIGHT) is None
        assert op.row_wise
    mixed = node_of(binary("ADD", (1, 5, 3, 2), (5, 3, 2), (1, 5, 3, 2))).op
    assert mixed.window(0, Axis.HEIGHT) == POINTWISE
    assert mixed.window(1, Axis.HEIGHT) is None


def test_in_place() -> None:
    rng = np.random.default_rng(1)
    shape = (1, 3, 5, 2)
    inputs = [int8(rng, *shape), int8(rng, *shape)]
    check_in_place(binary("ADD", shape, shape, shape), inputs)
    stretched = binary("SUB", shape, (2,), shape)
    check_in_place(stretched, [inputs[0], int8(rng, 2)])
    assert target_named(PORTABLE).choose(node := node_of(stretched)).in_place(node) == {0}


def test_constant_operand_is_an_operand() -> None:
    rng = np.random.default_rng(2)
    x, y = activation(0, (1, 2, 3, 4), 0.1, 3), activation(1, (1, 2, 3, 4), 0.2, -4)
    fixed = constant(2, int8(rng, 4), 0.05, 9)
    for inputs in ((x, fixed), (fixed, x)):
        source = source_of("SUB", inputs, y)
        arrays = [tensor.data if tensor.data is not None else int8(rng, *tensor.shape) for tensor in inputs]
        assert node_of(source).op.operands == (0, 1)
        check_oracles(source, arrays)
        check_kernel(source, arrays)


def test_refusals() -> None:
    shape = (1, 2, 3, 4)
    x, y = activation(0, shape), activation(1, shape)
    other = activation(2, shape, dtype=DType.INT16)
    refuse(source_of("ADD", (x, other), y), "ADD on int16 is not supported; elements must be int8; found int16")
    refuse(source_of("ADD", (x,), y), "ADD with this number of operands is not supported; it has 2; found 1")
    refuse(binary("ADD", shape, (3,), shape), "ADD of these shapes is not supported; aligned at the last axis")
    refuse(binary("ADD", shape, shape, (1, 2, 3, 5)), "ADD with this result shape is not supported")
    refuse(binary("ADD", shape, shape, shape, fused="TANH"), "fused activation TANH is not supported")
    tiny = ((0.1, 0), (0.1, 0), (1e-8, 0))
    refuse(binary("SUB", shape, shape, shape, tiny), "SUB between these scales is not supported; twice the larger")
    per_channel = constant(2, np.zeros((1, 1, 1, 4), np.int8), [0.1, 0.2, 0.3, 0.4], axis=3)
    refuse(source_of("ADD", (x, per_channel), y), "must have one scale; found 4 scales")
    refuse(binary("ADD", shape, shape, shape, ((0.1, 300), (0.1, 0), (0.1, 0))), r"must be in \[-128, 127\]; found 300")
    refuse(binary("ADD", (1,) * 6, (1,) * 6, (1,) * 6), "at most 5 axes")
