"""Step models: bit for bit what the clip model gives on the same frames, or a refusal that names the layer."""

import importlib.util

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

pytest.importorskip("jax")
pytest.importorskip("tensorflow")

from export.tflite import StepError, to_step
from export.tflite.model import read_model
from stjax import models, nn
from tests.export.clip_models import RUNTIMES, convert, kinds, random_frames, stream
from tests.stjax.nn.stacks import CHANNELS, Builder, stacks
from verify.clip import per_frame
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay_frames
from verify.tflite import read_model as read_graph

pytestmark = pytest.mark.train

FAMILIES = ("streamtinynet", "framebyframe", "tsm", "conv3d", "conv2plus1d")


def runtime_or_skip(runtime: str) -> None:
    pytest.importorskip({"litert": "ai_edge_litert", "tflm": "tflite_micro"}[runtime])


@pytest.fixture(scope="module")
def family_models() -> dict[str, bytes]:
    """One clip model of each family."""
    found = {}
    for family in FAMILIES:
        network = models.preset(f"{family}-touch", frames=5)
        found[family] = convert(network, (network.warmup_frames + 1, 27, 15, 1), input_range=(0, 1))
    return found


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("family", FAMILIES)
def test_stream_gives_what_the_clip_model_gives_on_the_last_frames(family_models, family, runtime):
    runtime_or_skip(runtime)
    contents = family_models[family]
    window = read_model(contents).tensors[0].shape[0]
    frames = random_frames(contents, window + 6)
    clips = [frames[t : t + window] for t in range(7)]
    expected = np.concatenate([RUNTIMES[runtime](contents, [clip])[0] for clip in clips])
    np.testing.assert_array_equal(stream(contents, frames, runtime), expected)
    assert len(np.unique(expected, axis=0)) > 1, "an answer that never changes would be equal to anything"


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_and_scales_are_the_clip_models_own(family_models, family):
    clip, step = read_model(family_models[family]), read_model(to_step(family_models[family]).contents)
    originals = {tensor.name: tensor for tensor in clip.tensors}
    kernels = [tensor for tensor in step.tensors if tensor.name.endswith(("/kernel", "/bias"))]
    assert len(kernels) == sum(tensor.name.endswith(("/kernel", "/bias")) for tensor in clip.tensors)
    for tensor in kernels:
        assert tensor.quantization == originals[tensor.name].quantization
        np.testing.assert_array_equal(tensor.contents, originals[tensor.name].contents)
    for operator in step.operators:
        result = step.tensors[operator.outputs[0]]
        if result.name in originals:
            assert result.quantization == originals[result.name].quantization


def test_state_of_streamtinynet_is_a_ring_of_feature_maps(family_models):
    step = to_step(family_models["streamtinynet"])
    model = read_model(step.contents)
    assert step.warmup_frames == 4
    assert [(model.tensors[key].name, model.tensors[key].shape) for key in model.inputs] == [
        ("input", (1, 27, 15, 1)),
        ("block1/state", (4, 7, 4, 16)),
    ]
    assert [model.tensors[key].name for key in model.outputs] == ["logits", "block1/new_state"]


def test_shift_keeps_the_shifted_channels_only(family_models):
    model = read_model(to_step(family_models["tsm"]).contents)
    assert [model.tensors[key].shape for key in model.inputs[1:]] == [(2, 14, 8, 2), (2, 7, 4, 4)]


def test_single_frames_need_no_state(family_models):
    contents = family_models["framebyframe"]
    step = to_step(contents)
    assert step.warmup_frames == 0
    assert kinds(step.contents) == kinds(contents)


def test_padding_in_time_is_the_state_before_the_first_frame():
    network = nn.Sequential((nn.TemporalConv(3, 2, name="a"), nn.Conv3D(4, 3, name="b"), nn.TemporalPool(2, name="c")))
    contents = convert(network, (6, 4, 3, 2))
    frames = random_frames(contents, 6)
    expected = RUNTIMES["litert"](contents, [frames])[0]
    np.testing.assert_array_equal(stream(contents, frames, "litert"), expected)


@pytest.mark.parametrize(
    "layers",
    [
        (nn.Flatten(name="flat"), nn.Dense(6, activation="relu", name="embed"), nn.GRU(5, 3, name="gru")),
        (nn.TCNBlock(5, 3, name="a", time="valid"), nn.TCNBlock(5, 2, depthwise=True, name="b", time="valid")),
    ],
    ids=["recurrent", "dilated"],
)
def test_layers_of_sequences_give_the_clip_models_bits_in_every_form(layers):
    """Whole in three runtimes; frame by frame as a step model, and by the proved program that the planner derives."""
    network = nn.Sequential((nn.Conv(4, 3, stride=2, activation="relu6", name="stem"), *layers))
    contents = convert(network, (4, 5, 3, 2))
    frames = random_frames(contents, 6)
    expected = np.concatenate([RUNTIMES["litert"](contents, [frames[t : t + 4]])[0] for t in range(3)])
    assert len(np.unique(expected, axis=0)) > 1
    np.testing.assert_array_equal(stream(contents, frames, "litert"), expected)
    clip = read_graph(contents, "clip")
    np.testing.assert_array_equal(np.concatenate([evaluate(clip, [frames[t : t + 4]])[0] for t in range(3)]), expected)
    program = per_frame(clip)
    plan = make_plan(program, Request("stream"))
    assert check(program, plan)[1] is not None
    found = replay_frames(program, plan, [[frame[None]] for frame in frames])
    np.testing.assert_array_equal(np.concatenate([outputs[0] for outputs in found[3:]]).ravel(), expected.ravel())
    if importlib.util.find_spec("tflite_micro"):
        tflm = np.concatenate([RUNTIMES["tflm"](contents, [frames[t : t + 4]])[0] for t in range(3)])
        np.testing.assert_array_equal(tflm, expected)


def test_shift_alone_gives_older_frames():
    contents = convert(nn.Sequential((nn.TemporalShift(1, 2, name="shift"),)), (5, 4, 3, 2))
    frames = random_frames(contents, 5)
    np.testing.assert_array_equal(stream(contents, frames, "litert"), RUNTIMES["litert"](contents, [frames])[0])


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(stacks(), st.integers(0, 99))
def test_random_stacks_stream_bit_for_bit_or_are_refused(build: Builder, seed: int):
    layer = build()
    contents = convert(layer, (layer.warmup_frames + 4, 6, 5, CHANNELS))
    try:
        step = to_step(contents)
    except StepError:
        step = None
    if step is None:
        # It looks ahead, or pads what a layer without padding has shortened.
        assert layer.delay_frames > 0 or (layer.masks and layer.warmup_frames > 0)
        return
    assert step.warmup_frames == layer.warmup_frames
    frames = random_frames(contents, layer.warmup_frames + 4, seed)
    expected = RUNTIMES["litert"](contents, [frames])[0]
    np.testing.assert_array_equal(stream(contents, frames, "litert").reshape(expected.shape), expected)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (
            lambda: (nn.TemporalMix(2, 3, time="centred", name="ahead"),),
            r'op 0 "ahead/pad" \(PAD\) cannot be run frame by frame: it adds 1 frames after the last',
        ),
        (
            lambda: (nn.TemporalMix(2, 3, time="valid", name="a"), nn.TemporalMix(2, 3, name="b")),
            r'op 3 "b/pad" \(PAD\) .*: it adds frames before the first of what a layer has shortened already',
        ),
    ],
)
def test_layer_that_cannot_stream_is_refused_by_name(layers, message):
    with pytest.raises(StepError, match=message):
        to_step(convert(nn.Sequential(layers()), (5, 4, 3, 2)))
