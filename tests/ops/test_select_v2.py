"""SELECT_V2."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import whole
from tests.ops.node_checks import check_in_place, check_kernel, check_oracles, int8, refuse, source_of
from tests.tiny_model import activation, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource

Shape = tuple[int, ...]


def select(condition: Shape, x: Shape, y: Shape, dtype: DType = DType.INT8) -> OperatorSource:
    ends = activation(0, condition, dtype=DType.BOOL), activation(1, x, 0.1, 3, dtype), activation(2, y, 0.1, 3, dtype)
    return source_of("SELECT_V2", ends, activation(3, np.broadcast_shapes(condition, x, y), 0.1, 3, dtype))


def values(source: OperatorSource, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    condition, x, y = (tensor.shape for tensor in source.inputs if tensor is not None)
    return [rng.random(condition) < 0.5, int8(rng, *x), int8(rng, *y)]


@st.composite
def shapes(draw: st.DrawFn) -> tuple[Shape, ...]:
    result = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    found = []
    for _ in range(3):
        shape = [draw(st.sampled_from([1, extent])) for extent in result]
        found.append(tuple(shape[draw(st.integers(0, len(shape) - 1)) :]) if draw(st.booleans()) else tuple(shape))
    return tuple(found)


@settings(max_examples=40)
@given(shapes(), st.integers(0, 99))
def test_all_shapes(drawn: tuple[Shape, ...], seed: int) -> None:
    source = select(*drawn)
    inputs = values(source, seed)
    check_oracles(source, inputs, litert=False)
    check_kernel(source, inputs)


IMAGE = (1, 5, 3, 4)


@pytest.mark.parametrize("shape", [IMAGE, (1, 1, 1, 4), (1, 5, 1, 1)])
def test_windows(shape: Shape) -> None:
    for place in range(3):
        own = [IMAGE] * 3
        own[place] = shape
        op = node_of(select(*own)).op
        expected = POINTWISE if shape[1] == 5 else None
        assert [op.window(p, Axis.HEIGHT) for p in range(3)] == [
            expected if p == place else POINTWISE for p in range(3)
        ]
        assert op.window(place, Axis.WIDTH) is None
    source = select(IMAGE, IMAGE, (4,))
    check_in_place(source, values(source, 3))


def test_each_row_reads_that_row_of_all_operands() -> None:
    node = node_of(select(IMAGE, IMAGE, IMAGE))
    rng = np.random.default_rng(0)
    inputs = [rng.random(IMAGE) < 0.5, int8(rng, *IMAGE) & ~1, int8(rng, *IMAGE) | 1]
    before = whole(node, inputs)[0]
    for row in range(5):
        for place in range(3):
            changed = [array.copy() for array in inputs]
            part = changed[place][:, row]
            part[...] = ~part if place == 0 else part ^ 2
            differs = (whole(node, changed)[0] != before).any(axis=(0, 2, 3))
            assert differs.tolist() == [other == row for other in range(5)]


def test_upright() -> None:
    op = node_of(select((1, 6, 3), (1, 6, 3), (1, 6, 3))).op
    other = op.reordered((0, 1, None, 2))
    assert other is not None and other.output_shapes == ((1, 6, 1, 3),)
    assert other.op.window(1, Axis.HEIGHT) == POINTWISE
    assert node_of(select((3,), (1, 6, 3), (1, 6, 3))).op.reordered((0, 1, None, 2)) is None


def test_refusals() -> None:
    ends = activation(0, (3,), dtype=DType.BOOL), activation(1, (4,)), activation(2, (4,))
    refuse(source_of("SELECT_V2", ends, activation(3, (4,))), "SELECT_V2 of these shapes is not supported; aligned at")
    refuse(select((4,), (4,), (4,), DType.INT16), "SELECT_V2 on int16 is not supported; elements must be int8")
    ends = activation(0, (4,)), activation(1, (4,)), activation(2, (4,))
    refuse(source_of("SELECT_V2", ends, activation(3, (4,))), r"SELECT_V2 \(condition\) on int8 is not supported")
