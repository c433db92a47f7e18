"""Gesture networks of every make run frame by frame, proved, with the bits of the clip model of the last T frames."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedded.tools.firmware import build, run
from export.__main__ import write_folder
from export.c.emit import emit, program_of
from export.c.readback import differences
from tests.clip.gestures import GESTURES, centred, conv1d_same_then_flat, features, shift, tsm, tsm_both_ways
from tests.embedded.firmware_harness import HOST_AND_M7
from tests.random_models import Net
from tests.tiny_model import run_tflm
from verify.clip import NotAClipError, per_frame
from verify.commands import plan as plan_command
from verify.graph.answers import Answer, answers
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.graph.plan_json import plan_from_json, plan_to_json
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate
from verify.proof.frames import stream_is_clip
from verify.proof.layout import Layout
from verify.proof.replay import replay_frames
from verify.proof.smt import decide_all
from verify.proof.verdict import Refuted
from verify.report.summary import plan_value
from verify.solvers import open_solvers
from verify.targets.choice import kernels_of
from verify.targets.flash import constant_bytes

Make = Callable[[], Net]
named = pytest.mark.parametrize("make", GESTURES, ids=lambda make: make.__name__)


def proved_plan(step: Graph, scheme: str = "stream", target: str = "portable") -> ProvedPlan:
    plan = make_plan(step, Request(scheme, InputMode.ROWS, target=target))
    assert plan_from_json(plan_to_json(plan)) == plan
    report, proved = check(step, plan)
    assert proved is not None, report.verdicts
    assert {"C1", "C2", "C3", "C4", "C7", "C8"} <= set(report.confirmed)
    return proved


def clips_of(clip: Graph, frames: np.ndarray, length: int) -> dict[int, np.ndarray]:
    """The clip model's outputs on the last `length` frames, by the frame that they end with."""
    shape = clip.input_shapes[0]
    ends = range(length - 1, len(frames))
    return {f: evaluate(clip, [frames[f - length + 1 : f + 1].reshape(shape)])[0] for f in ends}


def stream(step: Graph, count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(-128, 128, (count, *step.input_shapes[0]), np.int8)


@named
def test_every_frame_gives_the_clip_models_result_of_the_last_frames(make: Make) -> None:
    clip = make().graph()
    step = per_frame(clip)
    length = step.clip_frames
    assert answers(step) == (Answer(length - 1, None, True, 0),)
    frames = stream(step, length + 4)
    expected = clips_of(clip, frames, length)
    assert len({answer.tobytes() for answer in expected.values()}) > 1, "answers that never change prove little"
    plan = proved_plan(step, "layer" if make.__name__ < "g" else "stream").plan
    for garbage in (1, 2):
        results = replay_frames(step, plan, [[frame] for frame in frames], garbage)
        for f, answer in expected.items():
            np.testing.assert_array_equal(results[f][0], answer)


@named
def test_tflm_gives_what_the_reference_gives(make: Make) -> None:
    pytest.importorskip("tflite_micro")
    net = make()
    clip = net.graph()
    if make.__name__ == "five_axes":
        pytest.skip("TFLM takes four axes")
    samples = np.random.default_rng(1).integers(-128, 128, clip.input_shapes[0], np.int8)
    np.testing.assert_array_equal(run_tflm(net.bytes(), [samples])[0], evaluate(clip, [samples])[0])


@named
def test_a_frame_costs_less_than_its_clip(make: Make) -> None:
    clip = make().graph()
    step = per_frame(clip)
    macs = [sum(node.macs for node in graph.nodes) for graph in (clip, step)]
    assert macs[1] < macs[0] or make.__name__ == "frames_as_channels"


@pytest.mark.parametrize("board", HOST_AND_M7)
@pytest.mark.parametrize("make", [conv1d_same_then_flat, tsm_both_ways], ids=lambda make: make.__name__)
def test_firmware_gives_the_clip_models_results(make: Make, board: str, tmp_path: Path) -> None:
    clip = make().graph()
    step = per_frame(clip)
    frames = stream(step, step.clip_frames + 3)
    target = "portable" if board == "host" else "cortex-m-dsp"
    write_folder(tmp_path / "gen", emit(proved_plan(step, target=target)))
    found = run(build(tmp_path / "gen", board, tmp_path / board, sanitize=board == "host"), [frames]).outputs[0]
    for f, answer in clips_of(clip, frames, step.clip_frames).items():
        np.testing.assert_array_equal(found[f], answer)


def test_frames_that_changed_in_part_give_the_same(tmp_path: Path) -> None:
    """What is kept of a frame is one vector, which an operator makes of all rows in a stage without a loop."""
    clip = GESTURES[0]().graph()
    step = per_frame(clip)
    frames = np.repeat(stream(step, 1), 8, axis=0)
    for t in range(1, 8):
        frames[t:, 0, t % 7] ^= 85
    write_folder(tmp_path / "gen", emit(proved_plan(step), reuse_rows=True))
    found = run(build(tmp_path / "gen", "host", tmp_path / "host", sanitize=True), [frames]).outputs[0]
    for f, answer in clips_of(clip, frames, step.clip_frames).items():
        np.testing.assert_array_equal(found[f], answer)


def test_rings_of_many_lengths_stand_as_before_soon_enough() -> None:
    """Two shifts both ways over 16 frames are kept for 2, 3, 4, 12, 13, ... frames; the long ones for 16."""
    net = Net(3)
    x = net.conv(net.input(16, 3, 2, 1), 3, (2, 2), (1, 1), (1, 1))
    for _ in range(2):
        x = net.conv(shift(net, x, True), 3, (1, 1), (1, 1), (1, 1))
    net.dense(net.mean(net.mean(x), (0,), keep=True), 3)
    clip = net.graph()
    step = per_frame(clip)
    assert step.rings and {step.kept_frames(t) for t in step.tensors} == {1, 2, 4, 16}
    frames = stream(step, 18)
    results = replay_frames(step, proved_plan(step).plan, [[frame] for frame in frames], 1)
    for f, answer in clips_of(clip, frames, 16).items():
        np.testing.assert_array_equal(results[f][0], answer)


# -- networks with a result for every frame -------------------------------------------------------------------------


def with_results(frames: int, mode: str, kernel: int) -> Graph:
    """A temporal convolution that looks back, or both ways, and a dense layer for every frame."""
    net = Net(frames)
    x = features(net, net.input(frames, 5, 4, 1))
    image = net.reshape(x, 1, frames, 1, 3)
    if mode == "causal":
        image = net.pad(image, kernel - 1, 0, 0, 0)
    x = net.conv(image, 2, (kernel, 1), (1, 1), (1, 1), "SAME" if mode == "same" else "VALID")
    net.dense(net.reshape(x, x.shape[1], 2), 3)
    return net.graph()


@settings(max_examples=8)
@given(st.integers(3, 6), st.sampled_from(["valid", "causal", "same"]), st.sampled_from([2, 3, 5]))
def test_each_frame_gives_the_position_that_is_said(frames: int, mode: str, kernel: int) -> None:
    if mode != "same" and kernel > frames:
        kernel = 2
    clip = with_results(frames, mode, kernel)
    step = per_frame(clip)
    check_answers(clip, step)
    if mode == "causal":  # all positions of the first clip, from the first frame on
        assert (step.warm_up, answers(step)[0].first) == (0, 0)
    if mode == "same":
        assert step.warm_up == kernel // 2 == step.first_result


def check_answers(clip: Graph, step: Graph) -> None:
    """Every frame for which a clip's result is promised gives it."""
    length = step.clip_frames
    frames = stream(step, length + 4)
    expected = clips_of(clip, frames, length)
    plan = proved_plan(step).plan
    results = replay_frames(step, plan, [[frame] for frame in frames], 1)
    said = answers(step)
    assert said
    for answer in said:
        for f in range(answer.first, len(frames) if answer.last is None else answer.last + 1):
            clip_results = expected[f if answer.sliding else length - 1]
            position = answer.position + (0 if answer.sliding else f - answer.first)
            np.testing.assert_array_equal(results[f][0][0], clip_results[position])


def test_a_centred_stack_has_a_clips_first_result_at_its_last_frame() -> None:
    """And as a stream of padded frames, one frame later than the clip, not two."""
    from verify.clip.derive import as_stream

    net = Net(11)
    x = centred(net, net.input(4, 5, 4, 1), 2)
    x = net.depthwise(net.reshape(x, 1, 4, 20, 2), (4, 1), (1, 1), (1, 1), padding="VALID")
    net.dense(net.reshape(x, 1, 40), 3)
    clip = net.graph()
    step = as_stream(clip)
    assert (step.warm_up, answers(step)) == (4, ())
    assert per_frame(clip).warm_up == 3
    frames = stream(step, 5)
    frames[4] = clip.tensors[clip.inputs[0]].quantization.zero_point[0]  # type: ignore[union-attr]
    results = replay_frames(step, proved_plan(step).plan, [[frame] for frame in frames], 1)
    np.testing.assert_array_equal(results[4][0], evaluate(clip, [frames[:4, 0]])[0])


# -- what is not, and what is refuted --------------------------------------------------------------------------------


def test_padding_that_reaches_every_frame_is_not_worth_a_program() -> None:
    net = Net(0)
    x = centred(net, net.input(3, 5, 4, 1), 2)
    net.dense(net.mean(net.mean(x), (0,), keep=True), 3)
    with pytest.raises(NotAClipError, match="padding in time reaches every frame of the clip"):
        per_frame(net.graph())


def test_frames_that_are_not_computed_alike_are_named() -> None:
    """As converters leave them that see an operator for each frame: the scales are each one's own."""
    net = Net(0)
    x = net.input(1, 3, 6, 5, 1)
    frames = [net.reshape(net.slice(x, (0, t, 0, 0, 0), (1, 1, 6, 5, 1)), 1, 6, 5, 1) for t in range(3)]
    first = net.conv(frames[0], 2, (3, 3), (1, 1), (1, 1))
    options, (weights, bias) = dict(net.sources[-1].options), filter(None, net.sources[-1].inputs[1:])
    others = [(x, net.weights(weights.shape, 2, 0), bias) for x in frames[1:]]
    found = [first, *(net.append("CONV_2D", operands, net.like(first, first.shape), options) for operands in others)]
    stack = net.append("PACK", found, net.like(found[0], (1, 3, 6, 5, 2)), {"axis": 1, "values_count": 3})
    net.dense(net.reshape(stack, 1, stack.elements), 3)
    said = r"not alike: op \d+ .*CONV_2D.* and op \d+ .* have other scales or weights"
    with pytest.raises(NotAClipError, match=said):
        per_frame(net.graph())


def test_planar_images_are_no_clip_unless_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = Net(0)
    x = net.input(1, 3, 6, 5)
    order = net.integers(0, 2, 3, 1)
    x = net.append("TRANSPOSE", (x, order), net.like(x, (1, 6, 5, 3)), {})
    net.dense(net.mean(net.conv(x, 2, (3, 3), (1, 1), (1, 1))), 3)
    with pytest.raises(NotAClipError, match="no common leading axis"):
        per_frame(net.graph())
    assert per_frame(net.graph(), 3).clip_frames == 3
    assert "from frame 2 on" in plan_printed(net, tmp_path, capsys, "--time", "second")


def plan_printed(net: Net, folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    (folder / "net.tflite").write_bytes(net.bytes())
    assert plan_command.run([str(folder / "net.tflite"), *options]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_the_plan_says_what_each_frame_gives(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In words, as JSON, and in the C header."""
    said = "from frame 4 on: the clip model's result, for the clip of the last 5 frames"
    assert said in plan_printed(tsm(), tmp_path, capsys, "--scheme", "layer")
    proved = proved_plan(per_frame(tsm().graph()))
    found = plan_value(proved.graph, proved.plan)["time"]["answers"]
    assert found == [{"first": 4, "last": None, "sliding": True, "position": 0}]
    assert f" * - {said}" in emit(proved)["stj_model.h"]


def test_the_plan_says_why_a_clip_runs_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = Net(0)
    x = centred(net, net.input(3, 5, 4, 1), 2)
    net.dense(net.mean(net.mean(x), (0,), keep=True), 3)
    said = "the whole clip at once, not frame by frame: padding in time reaches every frame of the clip"
    assert said in plan_printed(net, tmp_path, capsys)
    assert said not in plan_printed(net, tmp_path, capsys, "--time", "clip")


def test_a_ring_of_features_one_frame_too_short_is_refuted() -> None:
    step = per_frame(GESTURES[0]().graph())
    plan = proved_plan(step).plan
    buffers = tuple(replace(b, frames=3) if b.frames == 4 else b for b in plan.buffers)
    assert isinstance(check(step, replace(plan, buffers=buffers))[0].verdicts["C8"], Refuted)


@pytest.mark.parametrize(
    "fault", [{"first_result": 1}, {"clip_frames": 3}, {"results": 1, "first_result": 3}], ids=lambda fault: str(fault)
)
def test_an_answer_of_another_clip_is_refuted(fault: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers of the right program, about a wrong one."""
    step = per_frame(with_results(5, "causal", 3))
    layout, said = Layout(step, proved_plan(step).plan), answers(step)
    monkeypatch.setattr("verify.proof.frames.answers", lambda _: said)
    wrong = replace(step, **fault)
    layout.graph = wrong
    obligations = [ob for ob in stream_is_clip(layout) if ob.subject == "outputs"]
    assert len(obligations) == 2
    verdicts = [decision.verdict for decision in decide_all(obligations, open_solvers("z3"), 10_000)]
    assert any(isinstance(verdict, Refuted) for verdict in verdicts)


def test_frames_before_and_after_are_padding_of_their_own() -> None:
    """A position at either end is an operator of its own, with the same weights; those between are one."""
    step = per_frame(conv1d_same_then_flat().graph())
    assert [node.op.kind for node in step.nodes].count("CONV_2D") == 5
    assert any(tensor.data is not None for tensor in step.tensors.values())
    proved = proved_plan(step)
    text = emit(proved)["stj_model_constants.h"]
    temporal = [f"op_{node.index}" for node in step.nodes if node.name == step.by_index[4].name and node.macs]
    assert len(temporal) == 3 and sum(f" {name}_weights[" in text for name in temporal) == 1
    assert text.count(f".weights = {temporal[0]}_weights") == 3
    kernels = kernels_of(step, proved.plan)
    alone = sum(kernels[node.index].flash_bytes(node) for node in step.nodes)
    assert constant_bytes(step, kernels) < alone
    files = emit(proved)
    files["stj_model_constants.h"] = text.replace(f".weights = {temporal[0]}_weights", ".weights = op_0_weights", 1)
    assert any("its parameters" in fault for fault in differences(files, proved, program_of(proved)))
