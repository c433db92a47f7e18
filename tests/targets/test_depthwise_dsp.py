"""Depthwise convolutions of cortex-m-dsp by square windows: C kernels against the reference, layout, refusals."""

import dataclasses
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import kernel_equals_reference
from tests.ops.test_depthwise_conv_2d import depthwise
from tests.ops.test_depthwise_phases import in_phases
from tests.tile_harness import check_every_run, check_tiles
from tests.tiny_model import node_of
from verify.graph.graph import Node
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.ops.weights import Rescale
from verify.targets.cortex_m_dsp.depthwise_conv_2d import FEWER_COLUMNS, DepthwiseSquare
from verify.targets.cortex_m_dsp.depthwise_phases import SquareInPhases
from verify.targets.cortex_m_dsp.rescaling import LOST
from verify.targets.registry import target_named

TARGET = "cortex-m-dsp"
SIZES, STRIDES = (3, 5, 7), (1, 2)


def node(
    size: int,
    stride: int,
    image: tuple[int, int, int, int],
    multiplier: int = 1,
    shifts: tuple[int, int] = (3, 9),
    zero_point: int = -5,
    seed: int = 0,
    padding: str = "SAME",
    stride_h: int = 1,
    dilation: tuple[int, int] = (1, 1),
) -> Node:
    """A layer with ReLU whose channels have the given shifts, with some that hold one value among them."""
    rng = np.random.default_rng(seed)
    made = node_of(
        depthwise(
            image, (size, size), multiplier, zero_points=(zero_point, -128), seed=seed, stride_h=stride_h,
            stride_w=stride, padding=padding, dilation_h_factor=dilation[0], dilation_w_factor=dilation[1],
        )
    )  # fmt: skip
    channels = image[3] * multiplier
    multipliers = rng.integers(2**30, 2**31, channels) * rng.choice([1, 1, 1, 0, -1], channels)
    rounds = -rng.integers(shifts[0], shifts[1] + 1, channels)
    rescale = Rescale(multipliers.astype(np.int32), rounds.astype(np.int32), -128, -128, 127)
    bias = rng.integers(-9000, 9000, channels, dtype=np.int32)
    bias[multipliers == 0] = rng.choice([0, 2**31 - 1, -(2**31)])
    assert isinstance(made.op, DepthwiseConv2D)
    return dataclasses.replace(made, op=dataclasses.replace(made.op, rescale=rescale, bias=bias))


def is_ours(node: Node) -> bool:
    return isinstance(target_named(TARGET).choose(node), DepthwiseSquare)


@st.composite
def nodes(draw: st.DrawFn, batches: tuple[int, ...] = (1, 1, 2)) -> Node:
    size, stride = draw(st.sampled_from(SIZES)), draw(st.sampled_from(STRIDES))
    padding, dilation = draw(st.sampled_from(("SAME", "VALID"))), draw(st.sampled_from((1, 1, 2)))
    least = ((size - 1) * dilation + 1, size) if padding == "VALID" else (1, 1)
    height, width = draw(st.integers(least[0], least[0] + 4)), draw(st.integers(least[1], least[1] + 16))
    return node(
        size,
        stride,
        (draw(st.sampled_from(batches)), height, width, draw(st.integers(1, 9))),
        draw(st.sampled_from((1, 1, 1, 2, 3))),
        draw(st.sampled_from(((1, 4), (4, 9), (8, 10)))),
        draw(st.sampled_from((-128, 127, 0, -5))),
        draw(st.integers(0, 2**16)),
        padding,
        draw(st.integers(1, 3)),
        (dilation, 1),
    )


@settings(max_examples=60)
@given(nodes(), st.integers(0, 99))
def test_kernel_equals_reference(node: Node, seed: int) -> None:
    assert is_ours(node)
    kernel_equals_reference(node, seed, TARGET)


@settings(max_examples=30)
@given(nodes(batches=(1,)), st.integers(0, 99), st.data())
def test_tiles_equal_reference(node: Node, seed: int, data: st.DataObject) -> None:
    check_tiles(node, data, seed, regions=6, target=TARGET)


@pytest.mark.parametrize(("size", "stride"), [(3, 1), (5, 2)])
def test_every_run(size: int, stride: int) -> None:
    check_every_run(node(size, stride, (1, 4, 9, 5)), target=TARGET)


@pytest.mark.parametrize("size", SIZES)
def test_rows_wider_than_scratch(size: int) -> None:
    """Several runs, and every size of the block at a row's end."""
    for width in (41, 42, 43, 44, 45, 46):
        wide = node(size, 1, (1, 2, width, 2))
        params = target_named(TARGET).choose(wide).params(wide)
        assert width / 8 < int(str(params["columns"])) <= width
        kernel_equals_reference(wide, width, TARGET)


@settings(max_examples=30)
@given(nodes(), st.sampled_from(FEWER_COLUMNS), st.integers(0, 99), st.data())
def test_forms_of_less_working_memory_equal_reference(node: Node, most: int, seed: int, data: st.DataObject) -> None:
    form = replace(target_named(TARGET), kernels=tuple(k for k in target_named(TARGET).kernels if k.form == str(most)))
    kernel_equals_reference(node, seed, form)
    if node.input_shapes[0][0] == 1:
        check_tiles(node, data, seed, regions=3, target=form)


def test_forms_need_less_and_less() -> None:
    layer = node(7, 1, (1, 4, 13, 6))
    kernels = target_named(TARGET).alternatives(layer)[: 1 + len(FEWER_COLUMNS)]
    assert [kernel.params(layer)["columns"] for kernel in kernels] == [13, 13, 13, 7, 7, 5, 4, 2, 1]
    assert [kernel.scratch_bytes(layer) for kernel in kernels] == [8 + 112 * n for n in (10, 10, 10, 7, 7, 6, 5, 4, 4)]


def test_every_stored_word_counts() -> None:
    """Whatever word of the table is changed, what is read back is not the operator's."""
    layer = node(3, 1, (1, 4, 4, 5), shifts=(6, 9), seed=3)
    kernel, own = target_named(TARGET).choose(layer), layer.op.constants
    table = kernel.stored(layer)["table"]
    for place in np.ndindex(table.shape):
        wrong = table.copy()
        wrong[place] += 1
        back = kernel.restored(layer, {"table": wrong.reshape(-1)})
        assert any((back[name] != own[name]).any() for name in own), place
        assert (back["shift"] == LOST).sum() == 1


def test_what_other_kernels_take() -> None:
    layer = node(3, 1, (1, 4, 6, 3))
    assert is_ours(layer) and isinstance(layer.op, DepthwiseConv2D)
    others = [
        node(3, 3, (1, 4, 9, 3)),
        node(3, 1, (1, 4, 9, 3), dilation=(1, 2)),
        node(4, 1, (1, 4, 9, 3)),
        node(3, 1, (1, 4, 9, 3), shifts=(0, 0)),
    ]
    for low, zero_point, high in ((-128, -5, 127), (-5, -5, 127), (-128, -128, 100)):
        rescale = dataclasses.replace(layer.op.rescale, low=low, zero_point=zero_point, high=high)
        others.append(dataclasses.replace(layer, op=dataclasses.replace(layer.op, rescale=rescale)))
    assert [is_ours(other) for other in others] == [False] * len(others)


def test_what_it_may_touch() -> None:
    kernel = target_named(TARGET).choose(node(3, 1, (1, 4, 20, 6)))
    assert kernel.reads_past(node(3, 1, (1, 4, 20, 6)), 0) == 2
    assert kernel.scratch_bytes(node(3, 1, (1, 4, 20, 6))) == 8 + 11 * 48


@st.composite
def in_two_phases(draw: st.DrawFn) -> Node:
    """Strided squares over images whose rows come in two phases."""
    size, padding = draw(st.sampled_from(SIZES)), draw(st.sampled_from(("SAME", "VALID")))
    low = size if padding == "VALID" else 2
    image = (1, draw(st.integers(low, low + 5)), draw(st.integers(low, low + 12)), draw(st.integers(1, 9)))
    shifts, zero_point = draw(st.sampled_from(((1, 4), (4, 9), (8, 10)))), draw(st.sampled_from((-128, 127, 0, -5)))
    return in_phases(node(size, 2, image, 1, shifts, zero_point, draw(st.integers(0, 2**16)), padding, 2))


@settings(max_examples=20, deadline=None)
@given(in_two_phases(), st.integers(0, 99), st.data())
def test_rows_in_phases(node: Node, seed: int, data: st.DataObject) -> None:
    assert isinstance(target_named(TARGET).choose(node), SquareInPhases)
    kernel_equals_reference(node, seed, TARGET)
    check_tiles(node, data, seed, regions=4, target=TARGET)
