"""MEAN and SUM: reference against TFLM, C kernel against reference, region rule, refusals."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import changed, equals_tflm, kernel_equals_reference, whole
from tests.tiny_model import activation, constant, node_of
from verify.graph.tensor import Axis, DType, row_count
from verify.graph.window import POINTWISE
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.mean import Mean, Sum
from verify.targets.registry import PORTABLE, target_named


def reduction(
    kind: str = "MEAN",
    shape: tuple[int, ...] = (1, 4, 5, 3),
    axes: tuple[int, ...] = (1, 2),
    keep: bool = False,
    scales: tuple[float, float] = (0.05, 0.03),
    zero_points: tuple[int, int] = (-5, 7),
) -> OperatorSource:
    reduced = {axis % len(shape) for axis in axes}
    out = tuple(1 if i in reduced else n for i, n in enumerate(shape) if keep or i not in reduced)
    return OperatorSource(
        kind,
        (activation(0, shape, scales[0], zero_points[0]), constant(1, np.array(axes, np.int32))),
        (activation(2, out, scales[1], zero_points[1]),),
        {"keep_dims": keep},
    )


@st.composite
def reductions(draw: st.DrawFn, max_rank: int = 4) -> OperatorSource:
    shape = tuple(draw(st.lists(st.integers(1, 6), min_size=1, max_size=max_rank)))
    axes = draw(st.lists(st.integers(-len(shape), len(shape) - 1), min_size=1, max_size=3))
    kind = draw(st.sampled_from(("MEAN", "SUM")))
    out_scale = draw(st.sampled_from((0.05, 0.02, 0.07, 1.5)))
    points = (draw(st.integers(-128, 127)), draw(st.integers(-128, 127)))
    return reduction(kind, shape, tuple(axes), draw(st.booleans()), (0.05, out_scale), points)


def has_outputs(source: OperatorSource) -> bool:
    """The oracles' Python interfaces do not hand out scalars."""
    return len(source.outputs[0].shape) > 0


@settings(max_examples=200)
@given(reductions().filter(has_outputs), st.integers(0, 99))
def test_reference_equals_tflm(source: OperatorSource, seed: int) -> None:
    # LiteRT's SUM on int8 takes other steps.
    equals_tflm(source, seed, litert=source.kind == "MEAN")


@settings(max_examples=50)
@given(reductions(max_rank=5), st.integers(0, 99))
def test_kernel_equals_reference(source: OperatorSource, seed: int) -> None:
    kernel_equals_reference(node_of(source), seed)


@pytest.mark.parametrize(
    ("shape", "axes", "inner"),
    [
        ((1, 160, 3, 3), (3,), True),
        ((160, 3), (1,), True),
        ((1, 4, 5, 3), (2, 3), True),
        ((1, 4, 5, 1), (2,), True),
        ((1, 1, 5, 3), (1, 3), True),
        ((7,), (0,), True),
        ((1, 4, 5, 3), (2,), False),
        ((1, 4, 5, 3), (1, 3), False),
    ],
)
@pytest.mark.parametrize("keep", [False, True])
def test_elements_side_by_side(shape: tuple[int, ...], axes: tuple[int, ...], inner: bool, keep: bool) -> None:
    node = node_of(reduction("MEAN", shape, axes, keep))
    name = target_named(PORTABLE).choose(node).name
    assert name == ("stj_mean_inner_s8" if inner else "stj_mean_s8")
    kernel_equals_reference(node)


def test_a_mean_of_many_elements_keeps_its_precision() -> None:
    equals_tflm(reduction(shape=(1, 42, 41, 3)))
    kernel_equals_reference(node_of(reduction(shape=(1, 42, 41, 3))))


@settings(max_examples=60)
@given(reductions())
def test_rows_that_claim_to_be_independent_are(source: OperatorSource) -> None:
    """Where the window is one row, changing any other row changes nothing; and that row does matter."""
    node = node_of(dataclasses.replace(source, outputs=(dataclasses.replace(source.outputs[0]),)))
    window = node.op.window(0, Axis.HEIGHT)
    if window is None:
        return
    assert window == POINTWISE
    shape = node.input_shapes[0]
    assert row_count(shape) == row_count(node.output_shapes[0])
    quiet = np.full(shape, -128, np.int8)
    silence = whole(node, [quiet])[0].reshape(row_count(shape), -1)
    for row in range(row_count(shape)):
        loud = quiet.reshape(row_count(shape), -1).copy()
        loud[row] = 127
        heard = whole(node, [loud.reshape(shape)])[0].reshape(row_count(shape), -1)
        touched = np.flatnonzero((heard != silence).any(axis=1))
        assert set(touched) <= {row}
        assert touched.size or (silence == heard).all() and source.outputs[0].quantization is not None


@pytest.mark.parametrize(
    ("shape", "axes", "keep", "row_wise"),
    [
        ((1, 4, 5, 3), (1, 2), False, False),
        ((1, 4, 5, 3), (1, 2), True, False),
        ((1, 4, 5, 3), (2,), True, True),
        ((1, 4, 5, 3), (2, 3), True, True),
        ((1, 4, 5, 3), (-1,), True, True),
        ((1, 4, 5, 3), (2,), False, False),
        ((4, 5), (1,), True, True),
        ((4, 5), (0,), True, False),
    ],
)
def test_row_wise(shape: tuple[int, ...], axes: tuple[int, ...], keep: bool, row_wise: bool) -> None:
    op = Mean.from_tflite(reduction("MEAN", shape, axes, keep))
    assert op.row_wise == row_wise
    assert op.window(0, Axis.HEIGHT) == (POINTWISE if row_wise else None)
    assert op.window(0, Axis.WIDTH) is None


def test_several_images_have_no_window() -> None:
    assert Mean.from_tflite(reduction("MEAN", (2, 4, 5, 3), (2,), True)).window(0, Axis.HEIGHT) is None


def test_intervals_are_reached() -> None:
    op = Sum.from_tflite(reduction("SUM", (1, 4, 5, 3), (1, 2), False, (0.05, 0.05 / 3), (-5, 0)))
    assert op.shift == 2
    found = {i.what: (int(i.low[0]), int(i.high[0])) for i in op.intermediates([(-128, 127)])}
    assert found["partial sum"] == (20 * (-128 + 5), 20 * (127 + 5))
    assert found["sum after its left shift"] == (20 * (-128 + 5) * 4, 20 * (127 + 5) * 4)


def test_refusals() -> None:
    source = reduction()
    cases = [
        (changed(source, 1, data=None), "computed axes"),
        (changed(source, 1, data=np.array([4], np.int32)), "along this axis"),
        (changed(source, 0, dtype=DType.INT16), "int16"),
        (dataclasses.replace(source, outputs=(activation(2, (1, 4)),)), r"must be \(1, 3\)"),
        (dataclasses.replace(source, inputs=source.inputs[:1]), "1 operands"),
        (changed(source, 0, quantization=None), "one scale"),
    ]
    for case, message in cases:
        with pytest.raises(UnsupportedError, match=message):
            Mean.from_tflite(case)
