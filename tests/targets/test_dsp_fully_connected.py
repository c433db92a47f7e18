"""FULLY_CONNECTED of cortex-m-dsp against the reference, in the form that runs on any host."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.operator_harness import kernel_equals_reference
from tests.ops.test_fully_connected import dense, denses
from tests.tiny_model import node_of
from verify.graph.graph import Node
from verify.ops.base import OperatorSource
from verify.ops.fully_connected import FullyConnected
from verify.targets.cortex_m_dsp.fully_connected import FullyConnectedDsp
from verify.targets.registry import target_named

DSP = "cortex-m-dsp"


def rounded(source: OperatorSource, rounding: str) -> Node:
    op = dataclasses.replace(FullyConnected.from_tflite(source), rounding=rounding)  # type: ignore[arg-type]
    return node_of(source, op)


def chosen(node: Node) -> str:
    return target_named(DSP).choose(node).name


@settings(max_examples=40)
@given(denses(), st.sampled_from(("double", "single")), st.integers(0, 99))
def test_rows(source: OperatorSource, rounding: str, seed: int) -> None:
    node = rounded(source, rounding)
    assert chosen(node) == "stj_fully_connected_s8_dsp"
    kernel_equals_reference(node, seed, DSP)


@pytest.mark.parametrize("in_depth", [1, 4, 15, 16, 17, 20, 35])
def test_every_length_of_the_loop(in_depth: int) -> None:
    kernel_equals_reference(node_of(dense((2, in_depth), in_depth, 1 + in_depth % 5)), target=DSP)


def test_sums_that_do_not_fit() -> None:
    node = node_of(dense((1, 300), 300, 4, zero_points=(-128, 0)))
    assert isinstance(node.op, FullyConnected)
    assert chosen(node) == "stj_fully_connected_s8_dsp"
    most = dataclasses.replace(node.op, weights=np.full_like(node.op.weights, 127))
    assert chosen(dataclasses.replace(node, op=most)) == "stj_fully_connected_s8"


def test_what_is_read_back_is_what_is_stored() -> None:
    """With one multiplier for all channels, which the stream has for each, and with one per channel."""
    for per_channel in (False, True):
        node = node_of(dense((1, 5), 5, 6, per_channel=per_channel))
        kernel = FullyConnectedDsp()
        stream = kernel.stored(node)["stream"]
        for at in range(stream.size):
            found = kernel.restored(node, {"stream": stream + (np.arange(stream.size) == at).astype(np.int32)})
            assert any(not np.array_equal(found[name], own) for name, own in node.op.constants.items()), at
