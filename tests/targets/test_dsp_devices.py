"""Kernels of cortex-m-dsp as the boards' compiler makes them, on the emulated boards, against the references.

What the property tests find on a host is the C; here it is the instructions in their place.
"""

import hashlib
from pathlib import Path

import pytest

from benchmarks.kernels.measure import Setting, executed, measure
from benchmarks.kernels.plans import others
from benchmarks.kernels.single import layer_model
from tests.embedded.firmware_harness import CORTEX_M7, needs_device
from verify.commands.check import random_inputs
from verify.graph.graph import Graph
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.evaluate import evaluate
from verify.targets.choice import kernels_of
from verify.targets.registry import target_named

LAYERS = {
    "add:13:w5:h4": "stj_add_s8_dsp",
    "mul:13:w5:h4": "stj_mul_s8_dsp",
    "relu:13:w5:h4": "stj_lookup_s8_dsp",
    "flip:13:w5:h4": "stj_flip_s8_dsp",
    "quantize:3:w7:h3": "stj_quantize_s8_dsp",
    "avgpool:3x3:11:w5:h4": "stj_average_pool_2d_s8_dsp",
    "maxpool:3x2:11:w5:h4:s2": "stj_max_pool_2d_s8_dsp",
    "mean:13:w5:h4": "stj_mean_s8_dsp",
    "dw:3x3:6:w13:h4:relu": "stj_depthwise_conv_2d_3x3_s8_dsp",
    "dw:5x5:4:w9:h5:s2:relu": "stj_depthwise_conv_2d_5x5_stride2_s8_dsp",
    "dw:7x7:5:w11:h4:relu": "stj_depthwise_conv_2d_7x7_s8_dsp",
    "dw:5x1:10:w3:h6": "stj_depthwise_conv_2d_s8_dsp",
    "dw:2x1:9:w1:h6:valid:relu": "stj_depthwise_conv_2d_s8_dsp",
    "dw:1x3:12:w4:h3:relu": "stj_depthwise_conv_2d_s8_dsp",
    "dw:2x3:8:w4:h3": "stj_depthwise_conv_2d_s8_dsp",
    "dw:8x1:10:w4:h9:m2": "stj_depthwise_conv_2d_s8_dsp",
    "conv:1x1:13:5:w5:h4": "stj_conv_2d_wide_s8_dsp",
    "conv:3x3:3:7:w10:h7:s2:relu": "stj_conv_2d_wide_s8_dsp",
    "conv:1x1:36:115:w5:h3:relu": "stj_conv_2d_s8_dsp",
    "conv:3x3:21:24:w7:h4": "stj_conv_2d_s8_dsp",
    "fc:67:7": "stj_fully_connected_s8_dsp",
}
LEANER = {
    "conv:3x3:21:24:w7:h4:relu": "stj_conv_2d_single_s8_dsp",
    "conv:1x1:13:5:w5:h4": "stj_conv_2d_single_s8_dsp",
    "dw:7x7:5:w11:h4:relu": "stj_depthwise_conv_2d_7x7_s8_dsp",
}
"""In place of preferred ones."""


@needs_device
@pytest.mark.parametrize(
    ("line", "board"),
    [*((line, CORTEX_M7) for line in LAYERS), ("quantize:3:w7:h3", "mps2-an386")],  # whose FPU is an older one
)
def test_layer(line: str, board: str, tmp_path: Path) -> None:
    model = layer_model(line)
    found = measure(model, Setting("cortex-m-dsp", board), "layer", tmp_path)
    assert found.layers[0].kernel == LAYERS[line]
    assert found.output_sha256 == digest_of(model)
    assert not found.problems


@needs_device
@pytest.mark.parametrize("line", LEANER)
def test_layer_with_less_working_memory(line: str, tmp_path: Path) -> None:
    model = layer_model(line)
    preferred = make_plan(model, Request("stream", target="cortex-m-dsp", preferred=True))
    plan = others(model, preferred)
    assert plan is not None
    done = executed(model, plan, Setting("cortex-m-dsp", CORTEX_M7), tmp_path)
    (kernel,) = kernels_of(done.proved.graph, done.proved.plan).values()
    assert kernel.name == LEANER[line] and kernel is not target_named("cortex-m-dsp").choose(model.nodes[0])
    assert not done.result.problems
    digest = hashlib.sha256(b"".join(output.tobytes() for output in done.result.outputs))
    assert digest.hexdigest() == digest_of(model)


def digest_of(model: Graph) -> str:
    """Of the reference's outputs."""
    digest = hashlib.sha256(b"".join(output.tobytes() for output in evaluate(model, random_inputs(model, 0))))
    return digest.hexdigest()
