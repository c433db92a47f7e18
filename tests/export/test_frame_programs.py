"""Exported clip models through the planner: the MACs of the trace, and programs of one frame that keep the bits."""

import math
import re
import tempfile
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings

pytest.importorskip("jax")
pytest.importorskip("tensorflow")

from embedded.tools.firmware import build, run
from export.__main__ import write_folder
from export.c.emit import emit
from export.tflite.model import read_model as read_operators
from stjax import cost, models
from stjax.models.video import VideoNet
from tests.export.clip_models import RUNTIMES, convert, random_frames
from tests.stjax.nn.stacks import CHANNELS, Builder, stacks
from verify.clip import NotAClipError, per_frame
from verify.graph.graph import Graph
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import ProvedPlan, check
from verify.report.summary import plan_value
from verify.tflite import ModelError, read_model

pytestmark = pytest.mark.train

FAMILIES = ("streamtinynet", "framebyframe", "tsm", "conv3d", "conv2plus1d")
FRAMES = 4
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
REFUSED = re.compile(
    "is a batch|input, unchanged|padding in time reaches every frame|not depend on the clip's last frame|"
    "copies along one axis"
)
"""What has no program per frame: layers without a look back, or without any arithmetic; clips of which padding in time
leaves no two frames alike."""


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest) -> tuple[VideoNet, bytes]:
    """A network and its clip model. The frame-by-frame one takes clips of several frames too: a batch."""
    network = models.preset(f"{request.param}-touch", frames=FRAMES)
    return network, convert(network, (FRAMES, 27, 15, 1), input_range=(0, 1))


def macs_of_file(contents: bytes) -> int:
    """Counted from the operators' shapes alone."""
    model, total = read_operators(contents), 0
    for operator in model.operators:
        if operator.kind in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            weights = model.tensors[operator.inputs[1]].shape
            taps = math.prod(weights[1:3] if operator.kind == "DEPTHWISE_CONV_2D" else weights[1:])
            total += taps * math.prod(model.tensors[operator.outputs[0]].shape)
    return total


def proved_plan(program: Graph) -> ProvedPlan:
    report, proved = check(program, make_plan(program, Request("stream")))
    assert proved is not None, report.verdicts
    return proved


def planner_macs(program: Graph) -> int:
    """What a plan's report states."""
    return plan_value(program, make_plan(program, Request("stream")))["macs"]


def test_macs_of_trace_file_and_planner_are_equal(family: tuple[VideoNet, bytes]) -> None:
    network, contents = family
    traced = cost.clip_cost(network, (FRAMES, 27, 15, 1)).macs
    clip = read_model(contents, "clip")
    assert traced == macs_of_file(contents) == planner_macs(clip) > 0
    streamed = cost.step_cost(network, (27, 15, 1)).macs
    if network.warmup_frames:
        assert streamed == planner_macs(per_frame(clip)) < traced
    else:
        assert FRAMES * streamed == traced


def on_host(program: Graph, frames: np.ndarray, folder: Path) -> np.ndarray:
    """Results of the generated C, frame by frame, those of the warm-up left out."""
    write_folder(folder / "generated", emit(proved_plan(program)))
    found = run(build(folder / "generated", "host", folder / "host", sanitize=True), [frames[:, None]])
    assert not found.problems
    return found.outputs[0][program.warm_up :]


def test_generated_code_gives_the_clip_models_answer_on_the_last_frames(
    family: tuple[VideoNet, bytes], tmp_path: Path
) -> None:
    network, contents = family
    if not network.warmup_frames:
        with pytest.raises(NotAClipError, match="the leading axis is a batch"):
            per_frame(read_model(contents, "clip"))
        return
    frames = random_frames(contents, FRAMES + 4)
    clips = [frames[t : t + FRAMES] for t in range(5)]
    expected = np.concatenate([RUNTIMES["tflm"](contents, [clip])[0] for clip in clips])
    found = on_host(per_frame(read_model(contents, "clip")), frames, tmp_path)
    np.testing.assert_array_equal(found.reshape(expected.shape), expected)
    assert len(np.unique(expected, axis=0)) > 1, "an answer that never changes would be equal to anything"


@settings(
    max_examples=14, phases=(Phase.explicit, Phase.reuse, Phase.generate), suppress_health_check=list(HealthCheck)
)
@given(st.sampled_from(["valid", "causal"]).flatmap(lambda mode: stacks(st.just(mode))), st.integers(0, 99))
def test_generated_code_of_random_stacks_gives_the_clip_models_bits(build_layer: Builder, seed: int) -> None:
    layer = build_layer()
    contents = convert(layer, (layer.warmup_frames + 4, 6, 5, CHANNELS))
    try:
        program = per_frame(read_model(contents, "stack"))
    except (ModelError, NotAClipError) as refused:
        event(str(refused).rpartition(": ")[2])
        program = None
        reason = str(refused)
    if program is None:
        assert REFUSED.search(reason)
        return
    event("a program per frame")
    frames = random_frames(contents, layer.warmup_frames + 4, seed)
    expected = RUNTIMES["litert"](contents, [frames])[0]
    with tempfile.TemporaryDirectory() as folder:
        found = on_host(program, frames, Path(folder))
    np.testing.assert_array_equal(found.reshape(expected.shape), expected)
