"""MEAN and SUM on int16: reference against TFLM, kernel against reference, arithmetic, refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import equals_tflm, kernel_equals_reference
from tests.ops.node_checks import refuse, source_of
from tests.ops.wide_checks import wide
from tests.tiny_model import constant, node_of
from verify.graph.tensor import Axis
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource

Shape = tuple[int, ...]


def reduction(kind: str, shape: Shape, axes: Shape, keep: bool, result: float = 0.0013) -> OperatorSource:
    left = tuple(1 if i in axes else n for i, n in enumerate(shape) if keep or i not in axes)
    listed = constant(1, np.array(axes, np.int32))
    return source_of(kind, (wide(0, shape), listed), wide(2, left, result), keep_dims=keep)


@st.composite
def reductions(draw: st.DrawFn) -> OperatorSource:
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=2, max_size=4)))
    axes = tuple(sorted(draw(st.sets(st.integers(0, len(shape) - 1), min_size=1, max_size=len(shape) - 1))))
    result = draw(st.sampled_from((0.001, 0.0004, 0.0013, 0.02)))
    return reduction(draw(st.sampled_from(("MEAN", "SUM"))), shape, axes, draw(st.booleans()), result)


@settings(max_examples=40)
@given(reductions(), st.integers(0, 99))
def test_reference_equals_tflm_and_kernel(source: OperatorSource, seed: int) -> None:
    """LiteRT's SUM on int16 takes other steps."""
    node = equals_tflm(source, seed, litert=source.kind == "MEAN")
    kernel_equals_reference(node, seed, dtype="int16")


def test_windows() -> None:
    assert node_of(reduction("MEAN", (1, 4, 5, 3), (2,), True)).op.window(0, Axis.HEIGHT) == POINTWISE
    assert node_of(reduction("MEAN", (1, 4, 5, 3), (1, 2), True)).op.window(0, Axis.HEIGHT) is None


@pytest.mark.parametrize(("count", "fits"), [(65_535, True), (65_537, False)])
def test_sums_have_32_bits(count: int, fits: bool) -> None:
    found = node_of(reduction("MEAN", (1, count, 1, 2), (1,), True)).op.intermediates([(-(2**15), 2**15 - 1)])
    assert all((x.low >= x.bounds[0]).all() and (x.high <= x.bounds[1]).all() for x in found) == fits


def test_refusals() -> None:
    listed = constant(1, np.array([1], np.int32))
    shifted = source_of("MEAN", (wide(0, (2, 3), 0.001, 4), listed), wide(2, (2,)), keep_dims=False)
    refuse(shifted, "MEAN on int16 with this zero point .*; found 4")
