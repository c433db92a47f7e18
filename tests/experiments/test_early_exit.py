"""The early-exit experiment on tiny clips, and what it counts."""

import numpy as np
import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")
pytest.importorskip("tflite_micro")
pytest.importorskip("matplotlib")

from dataclasses import replace

import jax.numpy as jnp

from experiments.early_exit import config, report, run
from experiments.early_exit.config import NEVER, ExitConfig
from experiments.early_exit.streams import Answers, Recordings, held
from stjax.data import ClipSet, DatasetConfig, MovingShapesConfig, Splits
from stjax.data.moving_shapes import generate
from stjax.nn import Gated, Sequential
from tests.experiments.untrained import untrained

pytestmark = pytest.mark.train

SHAPES = MovingShapesConfig(side=16, frames=8, train=12, validation=6, test=6)
TINY = ExitConfig(
    *(DatasetConfig("moving_shapes", shapes=SHAPES),) * 2,
    frames=3,
    epochs=1,
    batch_size=6,
    calibration_clips=6,
    margins=(0, 4, NEVER),
    thresholds=(0, 300),
    recordings=4,
    device_frames=20,
    oracle_windows=5,
    board="host",
)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """The network is as it begins: training on both answers is tested where training is."""

    def streams(clips: ClipSet) -> ClipSet:
        labels = np.repeat(clips.labels, np.diff(clips.offsets))
        return replace(clips, labels=np.full(len(clips), -1, np.int32), frame_classes=labels)

    clips = Splits(*(generate(SHAPES, split) for split in ("train", "validation", "test")))
    whole = Splits(*(streams(getattr(clips, part)) for part in ("train", "validation", "test")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(config, "train_and_evaluate", untrained)
        return list(run.outcomes(TINY, tmp_path_factory.mktemp("work"), lambda text: None, clips, whole))


def test_firmware_gives_the_clip_models_bits_and_leaves_out_what_it_should(tiny):
    assert [(o.way, o.setting) for o in tiny] == [(run.EXIT, m) for m in TINY.margins] + [
        (run.GATE, 0),
        (run.GATE, 300),
    ]
    exits, gates = tiny[:3], tiny[3:]
    assert sum(o.chosen for o in exits) == sum(o.chosen for o in gates) == 1
    for outcome in tiny:
        assert (outcome.wrong_bytes, outcome.oracle_different) == ((0, 0) if outcome.chosen else (None, None))
        assert outcome.frames == 4 * (8 - 2) and outcome.scored == outcome.frames
    shares = [o.saved_share for o in exits]
    assert shares == sorted(shares, reverse=True) and shares[-1] == 0 and exits[-1].macs == exits[-1].macs_whole
    # Two frames without an answer begin each recording; only its very first frame is let through at 300 steps.
    assert gates[0].saved_share == 0 and gates[1].saved_share == 1 and gates[1].macs < gates[1].macs_whole


def test_the_report_has_both_ways(tiny):
    text = report.markdown(tiny, TINY)
    assert text.count("(chosen)") == 2 and "| never" in text
    assert "<svg" in report.plot(tiny)


def test_held_frames_are_those_of_the_layer():
    frames = np.random.default_rng(0).integers(-4, 4, (9, 3, 2, 1)).astype(np.int8)
    both = Recordings(np.concatenate([frames, frames[::-1]]), np.array([0, 9, 18]), np.zeros(18, np.int32))
    found, back = held(both, 2.8)
    layer = Gated(Sequential(()), 2.8)
    expected = [layer.apply({}, jnp.asarray(part, jnp.float32)) for part in (frames, frames[::-1])]
    np.testing.assert_array_equal(found, np.concatenate(expected))
    computed = [layer.computed(jnp.asarray(part, jnp.float32)) for part in (frames, frames[::-1])]
    np.testing.assert_array_equal(~back, np.concatenate(computed))
    assert 0 < back.sum() < 16


def test_frames_are_scored_where_the_window_has_one_label():
    labels = np.array([0, 0, 0, -1, -1, -1, 2, 2, 2, 2, 1, 1, 1], np.int32)
    found = Recordings(np.zeros((13, 1, 1, 1), np.int8), np.array([0, 8, 13]), labels)
    assert np.flatnonzero(found.full(3)).tolist() == [2, 3, 4, 5, 6, 7, 10, 11, 12]
    assert np.flatnonzero(found.steady(3)).tolist() == [2, 12]
    assert found.first(9).offsets.tolist() == [0, 8, 9] and found.first(8).offsets.tolist() == [0, 8]


def test_the_early_answer_counts_above_the_margin():
    early = np.array([[9, 1], [5, 4], [4, 5]], np.int8)
    full = np.array([[0, 1], [0, 1], [0, 1]], np.int8)
    answers = Answers((early, full), np.zeros(3, bool), None)
    recordings = Recordings(np.zeros((3, 1, 1, 1), np.int8), np.array([0, 3]), np.array([0, 0, 0], np.int32))
    assert run.margins_of(early).tolist() == [8, 1, 1]
    assert [run.exit_accuracy(recordings, answers, m, 1) for m in (0, 1, 8)] == pytest.approx([2 / 3, 1 / 3, 0])


def test_settings_are_chosen_by_what_saves_most_and_costs_little():
    assert run.least({0: 0.5, 8: 0.9, 16: 0.7, 32: 0.9, 255: 0.9}, 0.89) == 32
    assert run.least({0: 0.95, 255: 0.9}, 0.9) == 0
    assert run.most({0: 0.9, 1: 0.9, 2: 0.5, 3: 0.9}, 0.89) == 1
    assert run.most({0: 0.5, 1: 0.9}, 0.89) == 0
