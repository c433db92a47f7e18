"""Depthwise convolutions of cortex-m-dsp by windows of any shape: C kernel against the reference, layout, refusals."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import kernel_equals_reference
from tests.ops.test_depthwise_conv_2d import depthwise, depthwises
from tests.tile_harness import check_every_run, check_tiles
from tests.tiny_model import node_of
from verify.graph.graph import Node
from verify.ops.base import OperatorSource
from verify.ops.depthwise_conv_2d import DepthwiseConv2D
from verify.targets.cortex_m_dsp.depthwise_conv_2d_taps import DepthwiseTaps
from verify.targets.cortex_m_dsp.rescaling import LOST
from verify.targets.registry import target_named

TARGET = "cortex-m-dsp"


def is_ours(node: Node) -> bool:
    return isinstance(target_named(TARGET).choose(node), DepthwiseTaps)


@settings(max_examples=50)
@given(depthwises(), st.integers(0, 99))
def test_kernel_equals_reference(source: OperatorSource, seed: int) -> None:
    """Whatever kernel the target has for it."""
    node = node_of(source)
    assert is_ours(node)
    kernel_equals_reference(node, seed, TARGET)


@settings(max_examples=20)
@given(depthwises(batches=(1,)), st.integers(0, 99), st.data())
def test_tiles_equal_reference(source: OperatorSource, seed: int, data: st.DataObject) -> None:
    check_tiles(node_of(source), data, seed, regions=6, target=TARGET)


def test_every_run() -> None:
    check_every_run(node_of(depthwise((1, 4, 7, 5), (2, 3))), target=TARGET)


def test_columns_in_time() -> None:
    """K x 1 of a stream, longer than the image too."""
    for taps, rows in ((3, 9), (10, 12), (15, 15), (15, 4)):
        node = node_of(depthwise((1, rows, 1, 12), (taps, 1)))
        assert is_ours(node)
        kernel_equals_reference(node, taps, TARGET)


@pytest.mark.parametrize("multiplier", [1, 3])
def test_every_stored_word_counts(multiplier: int) -> None:
    """Whatever word of the table is changed, what is read back is not the operator's."""
    node = node_of(depthwise((1, 4, 4, 5), (3, 1), multiplier))
    kernel, own = target_named(TARGET).choose(node), node.op.constants
    table = kernel.stored(node)["table"].reshape(-1)
    for place in range(table.size):
        wrong = table.copy()
        wrong[place] += 1
        back = kernel.restored(node, {"table": wrong})
        assert any((back[name] != own[name]).any() for name in own), place
        assert (back["shift"] == LOST).any()


def test_what_other_kernels_take() -> None:
    node = node_of(depthwise())
    assert is_ours(node) and isinstance(node.op, DepthwiseConv2D)
    shift = np.full(3, 2, np.int32)
    left = dataclasses.replace(node.op, rescale=dataclasses.replace(node.op.rescale, shift=shift))
    assert not is_ours(dataclasses.replace(node, op=left))


def test_what_it_may_touch() -> None:
    node = node_of(depthwise((1, 6, 5, 6), (3, 1)))
    kernel = target_named(TARGET).choose(node)
    assert kernel.reads_past(node, 0) == 2
    assert kernel.scratch_bytes(node) == (3 + 2) * 8 + 8
    twice = node_of(depthwise((1, 6, 5, 6), (3, 1), multiplier=2))
    assert kernel.scratch_bytes(twice) == (3 + 2) * 8 + 2 * 8


def test_several_results_of_a_channel() -> None:
    """The temporal filters of a StreamTinyNet."""
    for taps, channels, multiplier in ((8, 16, 2), (3, 5, 3), (1, 4, 2)):
        node = node_of(depthwise((1, 9, 4, channels), (taps, 1), multiplier))
        assert is_ours(node)
        kernel_equals_reference(node, taps, TARGET)
