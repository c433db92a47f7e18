"""`make run` of models of clips: frame by frame, given clips or frames, and compared with the reference."""

import json
from pathlib import Path

import numpy as np
import pytest

from embedded.tools.board import FirmwareError
from embedded.tools.clips import Compared, as_frames, compared
from tests.clip.gestures import five_axes, flattened_features, tsm
from tests.embedded.firmware_harness import HOST_AND_M7, make_run
from verify.clip import per_frame
from verify.graph.graph import Graph
from verify.graph.plan_json import plan_to_json
from verify.plan.request import Request
from verify.plan.search import make_plan
from verify.proof.evaluate import evaluate


def clips_of(clip: Graph, count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(-128, 128, (count, *clip.input_shapes[0]), np.int8)


@pytest.mark.parametrize("board", HOST_AND_M7)
def test_a_plan_of_one_frame_runs_on_clips_and_on_frames(board: str, tmp_path: Path) -> None:
    """With a plan of its own, as `verify.plan` writes it; clips on the host, frames on the board."""
    net = five_axes()
    clip, clips = net.graph(), clips_of(net.graph(), 2)
    (tmp_path / "model.tflite").write_bytes(net.bytes())
    (tmp_path / "plan.json").write_text(plan_to_json(make_plan(per_frame(clip), Request())))
    expected = [evaluate(clip, [samples])[0] for samples in clips]
    common = [f"MODEL={tmp_path}/model.tflite", f"PLAN={tmp_path}/plan.json", f"BOARD={board}", "COMPARE=1", "JSON=1"]
    samples, results = (clips, 2) if board == "host" else (clips.reshape(8, 6, 5, 2), 5)
    np.savez(tmp_path / "in.npz", in0=samples)
    done = make_run(*common, f"INPUT={tmp_path}/in.npz", f"OUTPUT={tmp_path}/out.npz")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["samples"], found["results_compared"], found["reference"]) == (8, results, "equal")
    with np.load(tmp_path / "out.npz") as archive:
        outputs = archive["out0"]
    # Of each clip its own result, or what each frame gives.
    np.testing.assert_array_equal(outputs if results == 2 else outputs[[3, 7]], expected)


def test_without_input_there_are_frames_enough_for_two_results(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_bytes(flattened_features().bytes())
    done = make_run(f"MODEL={tmp_path}/model.tflite", "COMPARE=1", "JSON=1")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["results_compared"] == 2


def test_a_wrong_result_is_counted() -> None:
    clip = tsm().graph()
    step = per_frame(clip)
    frames = clips_of(clip, 1).reshape(-1, *step.input_shapes[0])
    outputs = np.zeros((5, 1, 3), np.int8)
    outputs[4] = evaluate(clip, [frames.reshape(clip.input_shapes[0])])[0]
    assert compared(clip, step, [frames], [outputs], True, 1) == Compared(1, 0)
    outputs[4, 0, 1] += 1
    assert compared(clip, step, [frames], [outputs], True, 1) == Compared(1, 1)


def test_what_is_neither_clips_nor_frames_is_refused() -> None:
    clip = tsm().graph()
    with pytest.raises(FirmwareError, match=r"\[samples, 5, 6, 5, 2\] \(clips\) or \[frames, 6, 5, 2\] \(frames"):
        as_frames([np.zeros((2, 6, 5), np.int8)], clip, per_frame(clip))
