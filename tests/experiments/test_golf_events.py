"""The metric of GolfDB by hand, the detector by hand, and the experiment from end to end on stand-in clips."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("flax")
pytest.importorskip("tensorflow")
pytest.importorskip("tflite_micro")
pytest.importorskip("matplotlib")

from experiments.golf_events import model, pce, report, run
from experiments.golf_events.__main__ import STAND_INS
from experiments.golf_events.detection import APART, Counts, counted, reports
from experiments.golf_events.sources import (
    ONSETS,
    SWING_EVENTS,
    Late,
    delayed,
    events_of,
    onsets,
    pieces,
    swings,
)
from stjax.data import ClipSet, Splits, clip_set
from stjax.data.symmetry import Symmetry
from tests.experiments.untrained import untrained

pytestmark = pytest.mark.train

TINY = replace(STAND_INS, epochs=1, window=14, batch_size=6, calibration_clips=4, device_frames=30, oracle_windows=4)
TINY = replace(TINY, board="host")


@pytest.mark.parametrize(
    ("address", "impact", "allowed"),
    # Halves are rounded to the even number, as numpy does in the authors' code; one frame is always allowed.
    [(0, 30, 1), (10, 20, 1), (5, 5, 1), (0, 44, 1), (0, 45, 2), (3, 78, 2), (0, 76, 3), (0, 105, 4), (0, 240, 8)],
)
def test_the_tolerance_is_a_thirtieth_of_the_swing(address, impact, allowed):
    events = np.array([address, 0, 0, 0, 0, impact, 999, 9999])
    assert pce.tolerance(events) == allowed


def test_an_event_is_where_its_class_is_most_probable_in_the_whole_clip():
    probabilities = np.zeros((6, 9))
    probabilities[:, 8] = 0.9  # no event is never looked for
    for k, t in enumerate([0, 1, 1, 2, 3, 4, 5, 5]):
        probabilities[t, k] = 0.05
    probabilities[4, 0] = 0.05  # as probable as frame 0: the first counts
    found = pce.predicted(probabilities, 8)
    assert found.tolist() == [0, 1, 1, 2, 3, 4, 5, 5]
    true = np.array([1, 1, 3, 2, 4, 2, 5, 4])
    assert pce.correct(found, true, 1).tolist() == [True, True, False, True, True, False, True, True]
    assert pce.pce([np.array([True, False]), np.array([True, True])]) == 0.75


def test_reports_are_peaks_apart_from_each_other():
    probability = np.zeros(60)
    probability[[5, 6, 8, 30, 30 + APART, 50]] = [0.6, 0.8, 0.7, 0.9, 0.9, 0.4]
    assert reports(probability, 0.5).tolist() == [6, 30]
    probability[30 + APART + 1] = 0.95
    assert reports(probability, 0.5).tolist() == [6, 30, 30 + APART + 1]
    assert reports(probability, 0.99).tolist() == []


def test_each_event_is_found_once_and_the_rest_is_false():
    assert counted(np.array([3, 4, 20]), np.array([5, 40]), 2) == Counts(1, 1, 2)
    assert counted(np.array([4, 6]), np.array([5, 7]), 2) == Counts(2, 0, 0)
    assert counted(np.array([], int), np.array([5]), 2) == Counts(0, 1, 0)
    both = Counts(1, 1, 2) + Counts(2, 0, 0)
    assert (both.recall, both.precision, both.f1) == (0.75, 0.6, pytest.approx(2 * 0.45 / 1.35))


def test_onsets_between_neighbours():
    found = np.zeros((20, 2))
    found[[4, 15], 0] = 1
    assert run.between_middles([found], [[np.array([5, 14]), np.array([], int)]], 1) == 1
    # The middle of 2 and 5 is 4: the second event is looked for from there on.
    assert run.between_middles([found], [[np.array([2, 5])]], 1) == 0.5


def recordings() -> ClipSet:
    """Two of 12 and 8 frames, of one pixel that counts."""
    classes = ("walk", *ONSETS)
    actions = np.array([-1, -1, 0, 0, 1, 1, 1, -1, 2, 2, 2, 0, 3, 3, 3, 3, -1, -1, 1, 1], np.int32)
    frames = np.arange(20, dtype=np.uint8).reshape(20, 1, 1, 1)
    found = clip_set([frames[:12], frames[12:]], [0, 0], classes, Symmetry.of(classes))
    return replace(found, frame_classes=actions)


def test_onsets_of_actions():
    exact = onsets(recordings(), 0)
    assert [found.tolist() for found in events_of(exact, 0)] == [[4], [8], []]
    assert [found.tolist() for found in events_of(exact, 1)] == [[6], [], [0]]
    wide = onsets(recordings(), 1).frame_classes
    assert wide.tolist() == [3, 3, 3, 0, 0, 0, 3, 1, 1, 1, 3, 3, 2, 2, 3, 3, 3, 0, 0, 0]


def test_late_labels():
    exact = onsets(recordings(), 0)
    late = Late(exact, 2)
    assert late.length(1) == 10 and late.frame_labels(1).tolist() == [-1, -1, 2, 3, 3, 3, 3, 3, 0, 3]
    assert late.read(1, np.array([7, 8, 9])).ravel().tolist() == [19, 19, 19]
    assert delayed(exact, 2).frame_classes[12:].tolist() == [-1, -1, 2, 3, 3, 3, 3, 3]


def test_pieces_with_an_event_and_as_many_without():
    parts = pieces(onsets(recordings(), 0), 2)
    firsts = parts.frames[parts.offsets[:-1]].ravel().tolist()
    assert {4, 8, 12, 18} <= set(firsts) and len(firsts) == 2 * len([4, 3, 8, 7, 12, 18, 17])
    assert all(parts.length(k) == 2 for k in range(len(parts)))


def test_stand_ins_have_every_event_once_in_order():
    clips = swings(3, 8, 0)
    for clip in range(3):
        found = events_of(clips, clip)
        assert [len(frames) for frames in found] == [1] * SWING_EVENTS
        assert (np.diff(np.concatenate(found)) > 0).all() and found[-1][0] < clips.length(clip)


def test_from_clips_to_pce_with_the_clip_models_bits(tmp_path, monkeypatch):
    monkeypatch.setattr(model, "train_and_evaluate", untrained)
    data = Splits(*(swings(count, 16, seed) for seed, count in enumerate((12, 6, 3))))
    found = run.swings(TINY, data, tmp_path, lambda text: None)
    assert found.clips == 3 and sum(found.tolerances.values()) == 3
    assert found.int8_pce == pytest.approx(np.mean(found.by_event))
    assert (found.device.wrong_bytes, found.device.oracle_different) == (0, 0) and found.device.frames == 30
    text = report.of_swings(found, TINY, data.test.classes[:-1])
    assert "| PCE, float |" in text and "event 7" in text


def test_from_recordings_to_onsets(tmp_path, monkeypatch):
    monkeypatch.setattr(model, "train_and_evaluate", untrained)

    def stream(seed: int) -> ClipSet:
        frames = np.random.default_rng(seed).integers(0, 255, (90, 16, 16, 1)).astype(np.uint8)
        classes = ("walk", *ONSETS)
        found = clip_set([frames[:45], frames[45:]], [0, 0], classes, Symmetry.of(classes))
        return replace(found, frame_classes=np.tile(np.repeat(np.array([1, 2, 3], np.int32), 5), 6))

    found = run.actions(TINY, Splits(stream(0), stream(1), stream(2)), tmp_path, lambda text: None, 0.1)
    assert found.events == (6, 6, 6) and found.hours == pytest.approx(0.1 * 90 / 3600)
    assert found.int8_pce == tuple(sorted(found.int8_pce))
    assert sum(at.chosen for at in found.thresholds) == 1
    assert (found.device.wrong_bytes, found.device.oracle_different) == (0, 0)
    assert "false alarms per hour" in report.of_onsets(found, TINY) and "<svg" in report.plot(found)
