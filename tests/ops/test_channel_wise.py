"""`channel_wise` against the references: where it is claimed, changing one channel changes no other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.operator_harness import random_inputs, whole
from tests.random_models import Net, networks
from tests.tiny_model import activation, node_of
from verify.ops.base import OperatorSource


@given(networks(), st.integers(0, 3))
def test_channels_stay_apart(net: Net, channel: int) -> None:
    for node in net.graph().nodes:
        if not node.op.channel_wise:
            continue
        inputs = random_inputs(node.input_shapes, 0)
        changed = random_inputs(node.input_shapes, 1)
        channel %= node.output_shapes[0][-1]
        for before, after in zip(inputs, changed, strict=True):
            after[..., :channel], after[..., channel + 1 :] = before[..., :channel], before[..., channel + 1 :]
        others = np.arange(node.output_shapes[0][-1]) != channel
        for one, other in zip(whole(node, inputs), whole(node, changed), strict=True):
            np.testing.assert_array_equal(one[..., others], other[..., others], err_msg=node.label)


def test_what_mixes_channels_says_so() -> None:
    net = Net(0)
    x = net.input(1, 4, 4, 3)
    y = net.depthwise(x, (3, 3), (1, 1), (1, 1), 2)
    net.pool("MAX_POOL_2D", net.add(net.conv(y, 6, (1, 1), (1, 1), (1, 1)), y), (2, 2), (2, 2))
    assert [node.op.channel_wise for node in net.graph().nodes] == [False, False, True, True]
    softmax = OperatorSource(
        "SOFTMAX", (activation(1, (1, 4), 0.1),), (activation(2, (1, 4), 1 / 256, -128),), {"beta": 1.0}
    )
    assert not node_of(softmax).op.channel_wise


@pytest.mark.parametrize(("shape", "expected"), [((1, 4, 4, 3), True), ((1, 1, 1, 3), True), ((1, 4, 4, 1), False)])
def test_an_operand_that_stretches_over_channels_mixes_them(shape: tuple[int, ...], expected: bool) -> None:
    operands = (activation(1, (1, 4, 4, 3), 0.1), activation(2, shape, 0.1))
    add = OperatorSource("ADD", operands, (activation(3, (1, 4, 4, 3), 0.1),), {"fused_activation_function": "NONE"})
    assert node_of(add).op.channel_wise is expected
