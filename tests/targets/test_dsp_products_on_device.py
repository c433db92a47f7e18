"""The assembly of products (stj_product_dsp.h) against the references: every rescaling, every size of block.

A Cortex-M55 executes it as an M4 or M7 does, and test_dsp_devices.py has some of it on these.
"""

from itertools import product

import numpy as np

from tests.embedded.firmware_harness import needs_device
from tests.helium_harness import Tape
from tests.operator_harness import random_inputs
from tests.ops.test_conv_2d import conv
from tests.ops.test_fully_connected import dense
from tests.targets.test_dsp_conv_2d import changed, wide_up_to
from tests.tiny_model import node_of
from verify.graph.graph import Node
from verify.targets.cortex_m_dsp.conv_2d import PackedConv2D, WideConv2D
from verify.targets.cortex_m_dsp.conv_2d_single import SingleConv2D
from verify.targets.cortex_m_dsp.fully_connected import FullyConnectedDsp

POINTS = {"NONE": (-5, 7), "RELU": (127, -128)}


def layers(number: int) -> list[Node]:
    """Convolutions with and without an activation, some with a range of their own for results."""
    rng = np.random.default_rng(number)
    found = []
    for fused, points in POINTS.items():
        depth, channels, width = (int(x) for x in rng.integers(1, (75, 8, 8)))
        kernel = (1, 1) if rng.random() < 0.5 else (int(rng.integers(1, 4)), int(rng.integers(1, 4)))
        source = conv((1, 3, width, depth), kernel, channels, zero_points=points, fused_activation_function=fused)
        found += [node_of(source), changed(node_of(source), low=-20, high=90)]
    return found


@needs_device
def test_convolutions() -> None:
    tape, forms = Tape(), set()
    with wide_up_to(10**6):
        for kernel, number in product((WideConv2D(), PackedConv2D(), SingleConv2D()), range(8)):
            for node in filter(kernel.runs, layers(number)):
                forms.add((kernel.name, kernel.plan(node).form))
                tape.rows(node, kernel, random_inputs(node.input_shapes, number), ring=number % 2 == 1)
        tape.play()
    assert {form for name, form in forms if name == WideConv2D.name} >= {0, 2, 3}
    for kernel in (PackedConv2D, SingleConv2D):
        assert {form for name, form in forms if name == kernel.name} == {0, 1, 2, 3}


@needs_device
def test_vectors() -> None:
    tape = Tape()
    for in_depth, out_depth in ((1, 1), (15, 5), (16, 4), (35, 6), (67, 9)):
        node = node_of(dense((2, in_depth), in_depth, out_depth, per_channel=True))
        tape.rows(node, FullyConnectedDsp(), random_inputs(node.input_shapes, 0))
    tape.play()
