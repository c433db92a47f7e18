"""Early exit in the generated C: what is left out, what is not, and that nothing else changes a bit."""

from pathlib import Path

import numpy as np
import pytest

from embedded.tools.board import FirmwareError
from embedded.tools.firmware import build, run
from export.__main__ import run as export_c
from export.__main__ import write_folder
from export.c.emit import ExportError, emit
from tests.clip.c_library import Library
from tests.embedded.firmware_harness import HOST_AND_M7
from tests.random_models import Net
from verify.clip import per_frame
from verify.commands.cli import InputError
from verify.commands.plan import run as plan_cli
from verify.graph.early_exit import NoExitError, exit_first
from verify.graph.graph import Graph
from verify.graph.plan import InputMode
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.check import ProvedPlan, check
from verify.proof.evaluate import evaluate


def branching(frames: int = 1, seed: int = 0) -> Net:
    """Output 0 answers from the first features, output 1 after more; the file has the long way first."""
    net = Net(seed)
    x = net.conv(net.input(frames, 12, 6, 2), 4, (3, 3), (2, 1), (1, 1))
    if frames > 1:
        _, height, width, channels = x.shape
        merged = net.reshape(x, 1, frames, height * width, channels)
        x = net.reshape(net.depthwise(merged, (frames, 1), (1, 1), (1, 1), padding="VALID"), 1, height, width, channels)
    y = x
    for _ in range(3):
        y = net.conv(y, 4, (3, 3), (1, 1), (1, 1))
    net.dense(net.mean(y), 5)
    net.dense(net.mean(x), 5)
    return net


def early_output(graph: Graph) -> int:
    """The output whose node needs fewer others: the writer of models may order outputs as it likes."""
    return min(range(2), key=lambda k: exit_first_or_all(graph, k))


def exit_first_or_all(graph: Graph, output: int) -> int:
    try:
        return exit_first(graph, output)[1]
    except NoExitError:
        return len(graph.nodes)


def proved(graph: Graph, output: int, mode: InputMode, scheme: str = "stream") -> ProvedPlan:
    ordered, cut = exit_first(graph, output)
    found = check(graph, make_plan(ordered, Request(scheme, mode, cut=cut)))[1]
    assert found is not None
    return found


def margin_of(scores: np.ndarray) -> int:
    second, largest = np.sort(scores.reshape(-1).astype(int))[-2:]
    return int(largest - second)


@pytest.mark.parametrize("mode", InputMode)
@pytest.mark.parametrize("scheme", ["layer", "stream"])
def test_an_image_is_answered_early_exactly_above_the_margin(mode: InputMode, scheme: str, tmp_path: Path) -> None:
    graph = branching().graph()
    early = early_output(graph)
    plan = proved(graph, early, mode, scheme)
    write_folder(tmp_path, emit(plan, early_exit=early))
    images = np.random.default_rng(0).integers(-128, 128, (6, *graph.input_shapes[0]), np.int8)
    model, margin = Library(tmp_path, plan), 0
    for image in images:
        answers = evaluate(graph, [image])
        margin = margin_of(answers[early])
        for threshold, leaves in ((margin - 1, True), (margin, False), (255, False)):
            model.begin()
            if mode is InputMode.PATCHES:
                assert model.c.stj_model_set_input(model.state, 0, model.pointer(image)) == 0
                assert model.c.stj_model_run_until(model.state, threshold) == 0
            else:
                rows = graph.tensors[graph.inputs[0]].rows
                assert model.c.stj_model_push_rows_until(model.state, 0, model.pointer(image), rows, threshold) == 0
            assert model.c.stj_model_left_early(model.state) == leaves
            np.testing.assert_array_equal(model.output(early), answers[early].reshape(-1))
            if leaves:
                assert model.output(1 - early) is None
            else:
                np.testing.assert_array_equal(model.output(1 - early), answers[1 - early].reshape(-1))
        if margin:
            break
    assert margin


@pytest.mark.parametrize("time_step", [1, 2])
@pytest.mark.parametrize("mode", [InputMode.ROWS, InputMode.PATCHES])
def test_a_stream_goes_on_after_early_frames(mode: InputMode, time_step: int, tmp_path: Path) -> None:
    clip = branching(3).graph()
    step = per_frame(clip)
    early = early_output(step)
    ordered, cut = exit_first(step, early)
    plan = check(step, make_plan(ordered, Request("stream", mode, time_step=time_step, cut=cut)))[1]
    assert plan is not None
    write_folder(tmp_path, emit(plan, reuse_rows=True, early_exit=early))
    model = Library(tmp_path, plan)
    frames = np.random.default_rng(1).integers(-128, 128, (14, *clip.input_shapes[0][1:]), np.int8)
    answered = range(2, len(frames), time_step)
    threshold = min(margin_of(evaluate(clip, [frames[t - 2 : t + 1]])[early]) for t in answered)
    left = []
    for t, frame in enumerate(frames):
        assert model.c.stj_model_push_frame_until(model.state, model.pointer(frame), threshold) == 0
        model.spoil(t)
        if t not in answered:
            assert model.output(0) is None and model.output(1) is None
            continue
        answers = evaluate(clip, [frames[t - 2 : t + 1]])
        left.append(model.c.stj_model_left_early(model.state))
        assert left[-1] == (margin_of(answers[early]) > threshold)
        np.testing.assert_array_equal(model.output(early), answers[early].reshape(-1))
        late = model.output(1 - early)
        assert (late is None) == bool(left[-1])
        if late is not None:
            np.testing.assert_array_equal(late, answers[1 - early].reshape(-1))
    assert 0 < sum(left) < len(left)


def test_sanitized_firmware_of_an_exit_gives_all_outputs(tmp_path: Path) -> None:
    graph = branching().graph()
    early = early_output(graph)
    write_folder(tmp_path / "gen", emit(proved(graph, early, InputMode.ROWS), early_exit=early))
    image = np.random.default_rng(0).integers(-128, 128, graph.input_shapes[0], np.int8)
    outputs = run(build(tmp_path / "gen", "host", tmp_path / "host", sanitize=True), [image[None]]).outputs
    for output, answer in zip(outputs, evaluate(graph, [image]), strict=True):
        np.testing.assert_array_equal(output[0], answer)


@pytest.mark.parametrize("board", HOST_AND_M7)
def test_firmware_of_a_stream_ends_frames_above_the_margin(board: str, tmp_path: Path) -> None:
    """What is left out is zeros, the rest has the model's bits, and on a device the frame costs less."""
    clip = branching(3).graph()
    step = per_frame(clip)
    early = early_output(step)
    write_folder(tmp_path / "gen", emit(proved(step, early, InputMode.ROWS), early_exit=early))
    firmware = build(tmp_path / "gen", board, tmp_path / board)
    frames = np.random.default_rng(1).integers(-128, 128, (12, *step.input_shapes[0]), np.int8)
    answers = [evaluate(clip, [frames[t - 2 : t + 1].reshape(clip.input_shapes[0])]) for t in range(2, len(frames))]
    margins = [margin_of(answer[early]) for answer in answers]
    margin = int(np.median(margins))
    plain, result = run(firmware, [frames]), run(firmware, [frames], margin=margin)
    expected = tuple(found > margin for found in margins)
    assert result.early[2:] == expected and 0 < sum(expected) < len(expected) and not any(plain.early)
    for t, (answer, left) in enumerate(zip(answers, expected, strict=True), 2):
        for output in range(2):
            wanted = np.zeros_like(answer[output]) if left and output != early else answer[output]
            np.testing.assert_array_equal(result.outputs[output][t], wanted)
            np.testing.assert_array_equal(plain.outputs[output][t], answer[output])
    if result.instructions and plain.instructions:
        fewer = [a < 0.7 * b for a, b in zip(result.instructions[2:], plain.instructions[2:], strict=True)]
        assert tuple(fewer) == expected
    with pytest.raises(FirmwareError, match="the margin is a number of steps"):
        run(firmware, [frames], margin=-1)


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, plan, net = tmp_path / "model.tflite", tmp_path / "plan.json", branching()
    path.write_bytes(net.bytes())
    early = early_output(net.graph())
    assert plan_cli([str(path), "--early-exit", str(early), "-o", str(plan)]) == 0
    assert export_c([str(path), "--plan", str(plan), "--early-exit", str(early), "-o", str(tmp_path / "gen")]) == 0
    assert f"#define STJ_MODEL_EXIT_OUTPUT {early}\n" in (tmp_path / "gen" / "stj_model.h").read_text()
    with pytest.raises(InputError, match="there is no output 2: the model has 2, counted from 0"):
        plan_cli([str(path), "--early-exit", "2"])
    capsys.readouterr()


def test_the_only_output_is_no_early_one() -> None:
    net = Net(0)
    net.dense(net.mean(net.input(1, 4, 4, 2)), 3)
    with pytest.raises(NoExitError, match="nothing would be left out after output 0: it needs the whole network"):
        exit_first(net.graph(), 0)


def test_a_plan_in_the_files_order_has_no_exit() -> None:
    graph = branching().graph()
    early = early_output(graph)
    plan = check(graph, make_plan(graph, Request("layer")))[1]
    assert plan is not None
    with pytest.raises(ExportError, match=rf"no early exit: the plan computes .* verify.plan --early-exit {early}"):
        emit(plan, early_exit=early)
