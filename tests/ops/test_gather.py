"""GATHER at constant places, and at computed ones."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, build_model, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource
from verify.ops.gather import runs
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.tflite.read import read_model


def gather(shape: tuple[int, ...], axis: int, places: object, **options: object) -> OperatorSource:
    at = constant(2, np.array(places, np.int32))
    result = (*shape[:axis], *at.shape, *shape[axis + 1 :])
    return source_of("GATHER", (activation(0, shape), at), activation(1, result), axis=axis, **options)


def computed(shape: tuple[int, ...], axis: int, places: tuple[int, ...]) -> OperatorSource:
    result = (*shape[:axis], *places, *shape[axis + 1 :])
    ends = activation(0, shape, 0.1, 3), activation(2, places, dtype=DType.INT32)
    return source_of("GATHER", ends, activation(1, result, 0.1, 3), axis=axis)


@settings(max_examples=30)
@given(st.data())
def test_computed_places(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    axis = data.draw(st.integers(0, len(shape) - 1))
    extents = tuple(data.draw(st.lists(st.integers(1, 3), min_size=0 if len(shape) > 1 else 1, max_size=2)))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    source = computed(shape, axis, extents)
    inputs = [int8(rng, *shape), rng.integers(0, shape[axis], extents, np.int32)]
    check_oracles(source, inputs)
    check_kernel(source, inputs)


def test_plans_with_computed_places_are_proved() -> None:
    graph = read_model(build_model([computed((1, 5, 3), 1, (2, 4))]), "gather")
    report, proved = check(graph, make_plan(graph, Request("stream")))
    assert proved is not None, report


def test_places_that_are_not_there_are_the_nearest() -> None:
    """TFLM ends the inference."""
    source, places = computed((4, 3), 0, (5,)), np.array([-1, 2**31 - 1, 4, -(2**31), 2], np.int32)
    inputs = [int8(np.random.default_rng(0), 4, 3), places]
    check_kernel(source, inputs)
    np.testing.assert_array_equal(node_of(source).op.reference(inputs, range(5))[0], inputs[0][[0, 3, 3, 0, 2]])


def test_a_table_is_looked_up() -> None:
    """Constant rows at computed places."""
    rng = np.random.default_rng(0)
    source = computed((40, 3), 0, (1, 6))
    table = constant(0, int8(rng, 40, 3), 0.1, 3)
    source = dataclasses.replace(source, inputs=(table, source.inputs[1]))
    assert table.data is not None
    inputs = [table.data, rng.integers(0, 40, (1, 6), np.int32)]
    check_oracles(source, inputs)
    check_kernel(source, inputs)


@settings(max_examples=30)
@given(st.data())
def test_gather(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    axis = data.draw(st.integers(0, len(shape) - 1))
    extents = data.draw(st.lists(st.integers(1, 3), min_size=0, max_size=min(2, 6 - len(shape))))
    places = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, shape[axis], extents)
    source, inputs = gather(shape, axis, places), [int8(np.random.default_rng(0), *shape)]
    if not source.outputs[0].shape:
        return
    check_oracles(source, inputs)
    check_kernel(source, inputs)


def test_windows() -> None:
    source = gather((1, 4, 3, 5), 3, [4, 2, 0])
    check_region(source, [int8(np.random.default_rng(0), 1, 4, 3, 5)])
    assert node_of(source).op.window(0, Axis.HEIGHT) == POINTWISE
    assert node_of(gather((1, 4, 3, 5), 1, [3, 0])).op.window(0, Axis.HEIGHT) is None
    assert node_of(gather((1, 4, 3, 5), 3, 2)).op.window(0, Axis.HEIGHT) is None


def test_runs() -> None:
    assert runs([3, 2, 1, 5, 5, 5, 9]) == [(0, 3, -1), (3, 3, 0), (6, 1, 1)]
    assert len(node_of(gather((9,), 0, [8, 6, 4, 2, 3, 4])).op.moves) == 2  # pyright: ignore[reportAttributeAccessIssue]


def test_refusals() -> None:
    refuse(gather((4, 3), 0, [0, 4]), r"they must be in \[0, 4\); found 4")
    refuse(gather((4, 3), 0, [0, 1], batch_dims=1), "GATHER with batch_dims is not supported")
    ends = activation(0, (4, 3), dtype=DType.INT16), activation(2, (2,), dtype=DType.INT32)
    wide = source_of("GATHER", ends, activation(1, (2, 3), dtype=DType.INT16), axis=0)
    refuse(wide, "GATHER at computed places.*int8; found int16")
    refuse(dataclasses.replace(computed((4, 3), 0, (2,)), outputs=(activation(1, (3, 3)),)), "GATHER")
    refuse(dataclasses.replace(computed((2, 3), 1, (2,)), options={"axis": 1, "batch_dims": 1}), "with batch_dims")
    scattered = np.random.default_rng(0).permutation(4000)
    refuse(gather((4000,), 0, scattered), "at most 1024 runs of them are done")


@pytest.mark.parametrize("axis", [0, 1])
def test_many_places_in_one_run(axis: int) -> None:
    source = gather((1200, 2) if axis == 0 else (2, 1200), axis, np.arange(1199, -1, -1))
    check_kernel(source, [int8(np.random.default_rng(0), *node_of(source).input_shapes[0])])
