"""From stjax's EarlyExit to C: one model of two outputs, and the same frames answered early."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("tensorflow")

import jax.numpy as jnp

from export import to_tflite
from export.__main__ import run as export_c
from stjax import nn
from stjax.nn import EarlyExit
from tests.clip.c_library import Library
from tests.export.clip_models import RUNTIMES, clips_like, random_frames, variables_of
from verify.clip import per_frame
from verify.commands.plan import run as plan_cli
from verify.graph.early_exit import exit_first
from verify.graph.plan_json import plan_from_json
from verify.proof.check import check
from verify.tflite import read_model

pytestmark = pytest.mark.train

SHAPE = (3, 8, 6, 1)


def exiting(margin: float | None = None) -> EarlyExit:
    first = nn.Sequential(
        [nn.Conv(4, 3, stride=2, activation="relu6", name="stem"), nn.TemporalConv(3, time="valid", name="temporal")],
        name="first",
    )
    classifier = nn.Sequential([nn.Flatten(name="flat"), nn.Dense(4, name="early")], name="classifier")
    rest = nn.Sequential(
        [
            nn.Conv(8, 3, activation="relu6", name="more"),
            nn.Flatten(name="flatten"),
            nn.Dense(16, activation="relu", name="dense"),
            nn.Dense(4, name="logits"),
        ],
        name="rest",
    )
    return EarlyExit(first, classifier, rest, margin=margin)


@pytest.fixture(scope="module")
def exported() -> tuple[bytes, dict]:
    layer = exiting()
    variables = variables_of(layer, SHAPE)
    both = partial(layer.apply, method="both")
    return to_tflite(both, variables, np.zeros(SHAPE), clips_like(SHAPE, 8), input_range=(0, 1)), variables


def real(contents: bytes, output: int, stored: np.ndarray) -> np.ndarray:
    quantization = read_model(contents, "clip").tensors[read_model(contents, "clip").outputs[output]].quantization
    assert quantization is not None
    return (stored.astype(float) - quantization.zero_point[0]) * quantization.scale[0]


def test_the_model_has_both_answers_the_early_one_first(exported):
    contents, variables = exported
    clip = clips_like(SHAPE, 1, seed=5)[0]
    stored = np.round(clip * 255 - 128).astype(np.int8)
    answers = RUNTIMES["litert"](contents, [stored])
    expected = exiting().apply(variables, clip, method="both")
    for output, (answer, value) in enumerate(zip(answers, expected, strict=True)):
        # Logits lie within about one; eight bits through three or four layers leave a few hundredths.
        np.testing.assert_allclose(real(contents, output, answer), np.asarray(value), atol=0.06)


def test_the_firmware_leaves_where_the_layer_does(exported, tmp_path: Path, capsys):
    contents, _ = exported
    model, plan = tmp_path / "model.tflite", tmp_path / "plan.json"
    model.write_bytes(contents)
    assert plan_cli([str(model), "--early-exit", "0", "-o", str(plan)]) == 0
    assert (
        export_c([str(model), "--plan", str(plan), "--early-exit", "0", "--model-only", "-o", str(tmp_path / "gen")])
        == 0
    )
    capsys.readouterr()
    step = per_frame(read_model(contents, "model"))
    proved = check(exit_first(step, 0)[0], plan_from_json(plan.read_text()))[1]
    assert proved is not None and json.loads(plan.read_text())["time"]["clip_frames"] == 3
    c = Library(tmp_path / "gen", proved)
    frames = random_frames(contents, 16)
    answers = [RUNTIMES["tflm"](contents, [frames[t - 2 : t + 1]]) for t in range(2, 16)]
    margins = [real(contents, 0, np.sort(early.reshape(-1))[-2:]) for early, _ in answers]
    scale = read_model(contents, "clip").tensors[read_model(contents, "clip").outputs[0]].quantization.scale[0]
    steps = int(np.median([round((m[1] - m[0]) / scale) for m in margins]))
    left = []
    for t, frame in enumerate(frames):
        assert c.c.stj_model_push_frame_until(c.state, c.pointer(frame), steps) == 0
        if t < 2:
            continue
        early, full = answers[t - 2]
        left.append(bool(c.c.stj_model_left_early(c.state)))
        # The same rule as the layer's, on the logits that int8 gives.
        sure = exiting(margin=float((steps + 0.5) * scale))._sure(jnp.asarray(real(contents, 0, early.reshape(-1))))
        assert left[-1] == bool(sure)
        np.testing.assert_array_equal(c.output(0), early.reshape(-1))
        late = c.output(1)
        assert (late is None) == left[-1]
        if late is not None:
            np.testing.assert_array_equal(late, full.reshape(-1))
    assert 0 < sum(left) < len(left)


def test_margins_are_checked_and_decide():
    with pytest.raises(ValueError, match=r"margin \(=-1.0\) must be at least 0"):
        exiting(margin=-1.0)
    clip = clips_like((8, *SHAPE[1:]), 1, seed=2)[0]
    layer = exiting()
    variables = variables_of(layer, clip.shape)
    early, full = map(np.asarray, layer.apply(variables, clip, method="both"))
    second, largest = np.sort(early, -1)[:, -2:].T
    margin = float(np.median(largest - second))
    chosen = exiting(margin).apply(variables, clip)
    np.testing.assert_array_equal(chosen, np.where((largest - second > margin)[:, None], early, full))
