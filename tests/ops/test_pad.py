"""PAD and PADV2: reference against TFLM, C kernel against reference, region rule, refusals."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import (
    changed,
    equals_tflm,
    kernel_equals_reference,
    random_inputs,
    whole,
    window_equals_impulse_response,
)
from tests.tiny_model import activation, build_model, constant, node_of, run_litert
from verify.graph.tensor import Axis, DType
from verify.graph.window import Padding
from verify.ops.base import OperatorSource, UnsupportedError
from verify.ops.pad import Pad, PadV2


def pad(
    shape: tuple[int, ...] = (1, 4, 3, 2),
    sides: tuple[tuple[int, int], ...] = ((0, 0), (1, 2), (0, 1), (0, 0)),
    zero_point: int = 5,
    value: int | None = None,
    dtype: type = np.int32,
) -> OperatorSource:
    """PAD, or PADV2 where `value` is given."""
    out = tuple(before + extent + after for (before, after), extent in zip(sides, shape, strict=True))
    inputs = [activation(0, shape, 0.1, zero_point), constant(1, np.array(sides, dtype))]
    if value is not None:
        inputs.append(constant(2, np.array([value], np.int8), 0.1, zero_point))
    kind = "PAD" if value is None else "PADV2"
    return OperatorSource(kind, tuple(inputs), (activation(3, out, 0.1, zero_point),), {})


@st.composite
def pads(draw: st.DrawFn, max_rank: int = 4) -> OperatorSource:
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=max_rank)))
    sides = tuple((draw(st.integers(0, 2)), draw(st.integers(0, 2))) for _ in shape)
    value = draw(st.none() | st.integers(-128, 127))
    return pad(shape, sides, draw(st.integers(-128, 127)), value)


@settings(max_examples=150)
@given(pads(), st.integers(0, 99))
def test_reference_equals_tflm(source: OperatorSource, seed: int) -> None:
    equals_tflm(source, seed)


def test_paddings_may_be_int64() -> None:
    """TFLM refuses them; LiteRT does what they say."""
    source = pad(dtype=np.int64)
    node = node_of(source)
    inputs = random_inputs(node.input_shapes, 0)
    np.testing.assert_array_equal(whole(node, inputs)[0], run_litert(build_model([source]), inputs)[0])


@settings(max_examples=50)
@given(pads(max_rank=5), st.integers(0, 99))
def test_kernel_equals_reference(source: OperatorSource, seed: int) -> None:
    kernel_equals_reference(node_of(source), seed)


@pytest.mark.parametrize("zero_point", [-128, 5])
@pytest.mark.parametrize("sides", [((0, 0), (1, 2), (0, 1), (0, 0)), ((0, 0), (0, 3), (2, 0), (1, 1))])
def test_windows_are_sound_and_tight(sides: tuple[tuple[int, int], ...], zero_point: int) -> None:
    node = node_of(pad(sides=sides, zero_point=zero_point))
    for axis in (Axis.HEIGHT, Axis.WIDTH):
        window_equals_impulse_response(node, axis)


@pytest.mark.parametrize(
    ("shape", "sides"),
    [((2, 4, 3, 2), ((0, 0), (1, 1), (0, 0), (0, 0))), ((1, 4, 3, 2), ((1, 0), (1, 1), (0, 0), (0, 0)))],
)
def test_several_images_have_no_window(shape: tuple[int, ...], sides: tuple[tuple[int, int], ...]) -> None:
    assert node_of(pad(shape, sides)).op.window(0, Axis.HEIGHT) is None


def test_only_spatial_padding_is_a_padding() -> None:
    assert Pad.from_tflite(pad()).as_padding() == Padding(1, 2, 0, 1, 5)
    assert PadV2.from_tflite(pad(value=-3)).as_padding() == Padding(1, 2, 0, 1, -3)
    assert Pad.from_tflite(pad(sides=((0, 0), (1, 2), (0, 1), (0, 1)))).as_padding() is None
    assert Pad.from_tflite(pad(sides=((1, 0), (1, 2), (0, 1), (0, 0)))).as_padding() is None
    assert Pad.from_tflite(pad((4, 3, 2), ((1, 2), (0, 1), (0, 0)))).as_padding() is None


def test_refusals() -> None:
    source = pad()
    cases = [
        (changed(source, 1, data=None), "computed paddings"),
        (changed(source, 1, data=np.array([[0, 0]], np.int32)), "two counts >= 0 for each axis"),
        (changed(source, 1, data=np.array([[0, 0], [1, 2], [0, 1], [0, -1]], np.int32)), "two counts >= 0"),
        (changed(source, 0, dtype=DType.INT16), "int16"),
        (dataclasses.replace(source, outputs=(activation(3, (1, 7, 4, 2), 0.2, 5),)), "they must be equal"),
        (dataclasses.replace(source, outputs=(activation(3, (1, 7, 3, 2), 0.1, 5),)), r"must be \(1, 7, 4, 2\)"),
        (dataclasses.replace(source, inputs=source.inputs[:1]), "1 operands"),
    ]
    for case, message in cases:
        with pytest.raises(UnsupportedError, match=message):
            Pad.from_tflite(case)
    with pytest.raises(UnsupportedError, match="no constant scalar"):
        PadV2.from_tflite(changed(pad(value=3), 2, data=None))
