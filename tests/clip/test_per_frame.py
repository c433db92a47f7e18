"""Programs of one frame: derived from clip models, proved, and equal to the clip model over a stream of frames."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedded.tools.firmware import build, run
from export.__main__ import write_folder
from export.c.emit import emit
from tests.embedded.firmware_harness import HOST_AND_M7
from tests.random_models import Net
from verify.clip import NotAClipError, per_frame
from verify.graph.graph import Graph
from verify.graph.plan import InputMode, Plan
from verify.graph.plan_json import plan_from_json, plan_to_json
from verify.graph.tensor import Tensor
from verify.plan.bound import live_bytes_bound
from verify.plan.request import PlanningError, Request
from verify.plan.search import make_plan
from verify.plan.uses import Uses
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate
from verify.proof.replay import replay_frames
from verify.proof.verdict import Refuted


def streamtinynet(frames: int = 5, height: int = 9, width: int = 6, seed: int = 0) -> Graph:
    """Convolutions per frame, a window of all frames, a dense head."""
    net = Net(seed)
    x = net.input(frames, height, width, 2)
    x = net.conv(x, 4, (3, 3), (2, 1), (1, 1))
    y = net.conv(x, 4, (3, 3), (1, 1), (1, 1))
    x = net.add(x, y)
    return head(net, x, frames)


def head(net: Net, x: Tensor, frames: int) -> Graph:
    _, height, width, channels = x.shape
    x = net.reshape(x, 1, frames, height * width, channels)
    x = net.depthwise(x, (frames, 1), (1, 1), (1, 1), padding="VALID")
    net.dense(net.reshape(x, 1, height * width * channels), 3)
    return net.graph()


def causal(net: Net, x: Tensor, kernel: int, channels: int) -> Tensor:
    """A causal 3-D convolution as converters write it: frames padded in front, cut `kernel` times, side by side."""
    frames = x.shape[0]
    padded = net.pad_time(x, kernel - 1)
    stack = net.concatenate(*(net.frames_from(padded, begin, frames) for begin in range(kernel)))
    return net.conv(stack, channels, (3, 3), (1, 1), (1, 1))


def conv3d(frames: int = 6, seed: int = 0) -> Graph:
    """Two causal 3-D convolutions, and a result per frame."""
    net = Net(seed)
    x = causal(net, net.input(frames, 8, 5, 1), 3, 3)
    x = causal(net, net.conv(x, 3, (3, 3), (2, 2), (1, 1)), 2, 2)
    net.dense(net.mean(x), 3)
    return net.graph()


def shifted(frames: int = 6, seed: int = 0) -> Graph:
    """A temporal shift: one channel comes from the frame before."""
    net = Net(seed)
    x = net.conv(net.input(frames, 6, 5, 2), 4, (3, 3), (1, 1), (1, 1))
    late = net.frames_from(net.pad_time(net.slice(x, (0, 0, 0, 0), (*x.shape[:3], 1)), 1), 0, frames)
    x = net.concatenate(late, net.slice(x, (0, 0, 0, 1), (*x.shape[:3], 3)))
    net.dense(net.mean(net.conv(x, 3, (3, 3), (1, 1), (1, 1))), 3)
    return net.graph()


def shifted_at_once(frames: int = 6, seed: int = 0) -> Graph:
    """The same as converters write it that merge slices: each cuts frames and channels at once."""
    net = Net(seed)
    x = net.conv(net.input(frames, 6, 5, 2), 4, (3, 3), (1, 1), (1, 1))
    late = net.slice(net.pad_time(x, 1), (0, 0, 0, 0), (frames, *x.shape[1:3], 1))
    x = net.concatenate(late, net.slice(x, (0, 0, 0, 1), (*x.shape[:3], 3)))
    net.dense(net.mean(net.conv(x, 3, (3, 3), (1, 1), (1, 1))), 3)
    return net.graph()


def causal_window(frames: int = 6, seed: int = 0) -> Graph:
    """Padded in time and space, a window over frames, a result per frame."""
    net = Net(seed)
    x = net.conv(net.input(frames, 6, 5, 2), 2, (3, 3), (1, 1), (1, 1))
    x = net.pad_time(x, 2)
    x = net.depthwise(net.reshape(x, 1, frames + 2, 30, 2), (3, 1), (1, 1), (1, 1), padding="VALID")
    net.dense(net.mean(net.reshape(x, frames, 6, 5, 2)), 3)
    return net.graph()


def stream(clip: Graph, count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(-128, 128, (count, *clip.input_shapes[0][1:]), np.int8)


def expected(clip: Graph, step: Graph, frames: np.ndarray) -> list[np.ndarray | None]:
    """The clip model's answer for each frame of a stream; None while it warms up."""
    length = step.clip_frames
    if clip.output_shapes[0][0] == length:  # one result per frame, padded in time: the clip is the stream itself
        assert len(frames) == length
        return list(evaluate(clip, [frames])[0][:, None])
    return [None] * (length - 1) + [
        evaluate(clip, [frames[t - length + 1 : t + 1]])[0] for t in range(length - 1, len(frames))
    ]


def proved_plan(step: Graph, scheme: str = "stream", mode: InputMode = InputMode.ROWS) -> ProvedPlan:
    plan = make_plan(step, Request(scheme, mode))
    assert plan_from_json(plan_to_json(plan)) == plan
    assert live_bytes_bound(Uses(step), plan) <= plan.arena_bytes
    report, proved = check(step, plan)
    assert proved is not None, report.verdicts
    assert "C8" in report.verdicts
    return proved


def check_stream(clip: Graph, step: Graph, plan: Plan, frames: np.ndarray) -> None:
    answers = expected(clip, step, frames)
    assert step.warm_up == sum(answer is None for answer in answers)
    for garbage in (1, 2):
        results = replay_frames(step, plan, [[frame[None]] for frame in frames], garbage)
        for result, answer in zip(results, answers, strict=True):
            if answer is not None:
                np.testing.assert_array_equal(result[0], answer)


@settings(max_examples=15)
@given(st.integers(2, 6), st.integers(2, 12), st.sampled_from(InputMode), st.sampled_from(["layer", "stream"]))
def test_a_window_over_frames_equals_the_clip(frames: int, height: int, mode: InputMode, scheme: str) -> None:
    clip = streamtinynet(frames, height)
    step = per_frame(clip)
    assert (step.clip_frames, step.warm_up) == (frames, frames - 1)
    plan = proved_plan(step, scheme, mode).plan
    assert sum(b.frames == frames for b in plan.buffers) == 1
    check_stream(clip, step, plan, stream(clip, frames + 3))


@pytest.mark.parametrize("make", [conv3d, shifted, shifted_at_once, causal_window])
@pytest.mark.parametrize("mode", [InputMode.ROWS, InputMode.WHOLE])
def test_causal_networks_equal_the_clip_from_the_first_frame_on(make: object, mode: InputMode) -> None:
    clip = make()  # type: ignore[operator]
    step = per_frame(clip)
    assert step.warm_up == 0 and step.fills
    check_stream(clip, step, proved_plan(step, mode=mode).plan, stream(clip, step.clip_frames))


def test_a_frame_costs_a_clip_divided_by_its_frames() -> None:
    clip = streamtinynet(5)
    step = per_frame(clip)
    spatial = [sum(node.macs for node in graph.nodes[:3]) for graph in (clip, step)]
    assert spatial[0] == 5 * spatial[1]
    # The window over frames and the dense head run once per frame, as they run once per clip.
    assert [node.macs for node in clip.nodes[3:]] == [node.macs for node in step.nodes[3:]]


@pytest.mark.parametrize("board", HOST_AND_M7)
@pytest.mark.parametrize("make", [streamtinynet, conv3d, shifted, shifted_at_once, causal_window])
def test_firmware_runs_frame_by_frame(make: object, board: str, tmp_path: Path) -> None:
    clip = make()  # type: ignore[operator]
    step = per_frame(clip)
    frames = stream(clip, step.clip_frames + (3 if step.warm_up else 0))
    external = board == "host" and step.kept_frames(step.inputs[0]) == 1
    for mode in (InputMode.ROWS, InputMode.PATCHES) if external else (InputMode.ROWS,):
        write_folder(tmp_path / mode.value, emit(proved_plan(step, mode=mode)))
        firmware = build(tmp_path / mode.value, board, tmp_path / f"{mode.value}-{board}", sanitize=board == "host")
        outputs = run(firmware, [frames[:, None]]).outputs[0]
        for output, answer in zip(outputs, expected(clip, step, frames), strict=True):
            np.testing.assert_array_equal(output, np.zeros_like(output) if answer is None else answer)


def test_results_at_every_third_frame_only(tmp_path: Path) -> None:
    clip = streamtinynet(4)
    step = per_frame(clip)
    proved = check(step, make_plan(step, Request("stream", time_step=3)))[1]
    assert proved is not None
    frames = stream(clip, 11)
    write_folder(tmp_path / "gen", emit(proved))
    outputs = run(build(tmp_path / "gen", "host", tmp_path / "host"), [frames[:, None]]).outputs[0]
    for t, (output, answer) in enumerate(zip(outputs, expected(clip, step, frames), strict=True)):
        acts = answer is not None and (t - step.warm_up) % 3 == 0
        np.testing.assert_array_equal(output, answer if acts else np.zeros_like(output))


def test_frames_that_are_needed_later_cannot_stay_with_the_caller() -> None:
    with pytest.raises(PlanningError, match="reads earlier frames of its input"):
        make_plan(per_frame(conv3d()), Request("stream", InputMode.PATCHES))


def test_a_history_one_frame_too_short_is_refuted() -> None:
    step = per_frame(streamtinynet(4))
    plan = proved_plan(step).plan
    buffers = tuple(replace(b, frames=3) if b.frames == 4 else b for b in plan.buffers)
    verdict = check(step, replace(plan, buffers=buffers))[0].verdicts["C8"]
    assert isinstance(verdict, Refuted) and "took over" in verdict.counterexample


def test_a_history_that_shares_memory_with_a_frame_is_refuted() -> None:
    step = per_frame(streamtinynet(4))
    plan = proved_plan(step).plan
    history = next(b for b in plan.buffers if b.frames == 4)
    buffers = tuple(replace(b, offset=history.offset) if b.frames == 1 else b for b in plan.buffers)
    assert isinstance(check(step, replace(plan, buffers=buffers))[0].verdicts["C4"], Refuted)


def test_a_history_longer_than_the_program_says_is_refuted() -> None:
    step = per_frame(streamtinynet(4))
    plan = proved_plan(step).plan
    buffers = tuple(replace(b, frames=5) if b.frames == 4 else b for b in plan.buffers)
    verdict = check(step, replace(plan, buffers=buffers, arena_bytes=2**20))[0].verdicts["C8"]
    assert isinstance(verdict, Refuted) and "keeps 5 frames; the model reads 4" in verdict.counterexample


def test_a_merged_slice_keeps_the_shifted_channels_only() -> None:
    step = per_frame(shifted_at_once())
    assert [step.tensors[t].shape for t in step.tensors if step.kept_frames(t) > 1] == [(1, 6, 5, 1)]


def test_images_in_a_batch_are_no_clip() -> None:
    net = Net(0)
    net.conv(net.input(3, 5, 5, 2), 2, (3, 3), (1, 1), (1, 1))
    with pytest.raises(NotAClipError, match="the leading axis is a batch"):
        per_frame(net.graph())


def test_one_image_is_no_clip() -> None:
    net = Net(0)
    net.conv(net.input(1, 5, 5, 2), 2, (3, 3), (1, 1), (1, 1))
    with pytest.raises(NotAClipError, match="at least two frames"):
        per_frame(net.graph())


def test_what_prevents_a_program_per_frame_is_named() -> None:
    net = Net(0)
    x = net.conv(net.input(3, 5, 5, 2), 2, (3, 3), (1, 1), (1, 1))
    ends = net.concatenate(net.reshape(x, 1, 5, 15, 2), net.reshape(x, 1, 5, 15, 2))  # rows of several frames
    net.conv(ends, 3, (3, 3), (1, 1), (1, 1))
    with pytest.raises(NotAClipError, match=r"\(CONV_2D\): it reads frames in an order that copies along one axis"):
        per_frame(net.graph())
