"""GATHER at constant places."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ops.node_checks import check_kernel, check_oracles, check_region, int8, refuse, source_of
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource
from verify.ops.gather import runs


def gather(shape: tuple[int, ...], axis: int, places: object, **options: object) -> OperatorSource:
    at = constant(2, np.array(places, np.int32))
    result = (*shape[:axis], *at.shape, *shape[axis + 1 :])
    return source_of("GATHER", (activation(0, shape), at), activation(1, result), axis=axis, **options)


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
    source = gather((4, 3), 0, [0, 1])
    computed = dataclasses.replace(source, inputs=(source.inputs[0], activation(2, (2,), dtype=DType.INT32)))
    refuse(computed, "GATHER with computed places is not supported")
    scattered = np.random.default_rng(0).permutation(4000)
    refuse(gather((4000,), 0, scattered), "at most 1024 runs of them are done")


@pytest.mark.parametrize("axis", [0, 1])
def test_many_places_in_one_run(axis: int) -> None:
    source = gather((1200, 2) if axis == 0 else (2, 1200), axis, np.arange(1199, -1, -1))
    check_kernel(source, [int8(np.random.default_rng(0), *node_of(source).input_shapes[0])])
