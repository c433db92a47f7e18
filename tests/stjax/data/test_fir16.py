"""Thermal video of actions: folds, pixels, labels per clip and per frame; stand-in files of the same layout."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("jaxtyping")
from stjax.data import DataError, DatasetConfig, load_splits
from stjax.data.clips import ClipSet
from stjax.data.sets import fir16, fir16_streams
from tests.stjax.data.fir16_archives import SUBJECTS, write_clips, write_streams

pytestmark = pytest.mark.train

ROOT = Path(__file__).resolve().parents[3]
REAL = Path(os.environ.get("STJAX_DATA", ROOT.parent / "shared" / "data"))


@pytest.mark.parametrize("fold", [1, 2, 3, 4])
def test_a_fold_tests_on_one_group_and_validates_on_the_next(tmp_path, fold):
    write_clips(tmp_path / "fir16")
    splits = load_splits(DatasetConfig(f"fir16/fold{fold}", manual_dir=str(tmp_path)))
    following = {1: 2, 2: 3, 3: 4, 4: 1}[fold]
    assert set(splits.test.groups.tolist()) == set(SUBJECTS[fold])
    assert set(splits.validation.groups.tolist()) == set(SUBJECTS[following])
    rest = {person for group, people in SUBJECTS.items() if group not in (fold, following) for person in people}
    assert set(splits.train.groups.tolist()) == rest
    assert sum(len(split) for split in (splits.train, splits.validation, splits.test)) == 63
    assert splits.test.frame_labels(0) is None


def test_raw_frames_are_the_bytes_of_the_file(tmp_path):
    path = write_clips(tmp_path)
    with np.load(path) as archive:
        frames, offsets = archive["frames"], archive["offsets"]
    raw, default = (fir16.read(path, variant).test for variant in ("fold1/raw", "fold1"))
    assert isinstance(raw, ClipSet) and raw.frames.shape[1:] == (16, 16, 1)
    np.testing.assert_array_equal(raw.clip(2)[..., 0], frames[offsets[2] : offsets[3]])
    np.testing.assert_array_equal(default.clip(2)[..., 0], fir16.without_median(frames[offsets[2] : offsets[3]]))


@given(st.lists(st.integers(0, 255), min_size=4, max_size=4))
def test_the_median_is_taken_off_as_the_formula_says(pixels):
    found = fir16.without_median(np.array(pixels, np.uint8).reshape(1, 2, 2)).ravel().tolist()
    median = sorted(pixels)[1]
    exact = [min(max(50 + p - median, 0), 150) * 255 / 150 for p in pixels]
    assert found == [int(np.floor(value + 0.5)) for value in exact]


def test_frames_that_differ_by_an_offset_only_become_the_same():
    frame = np.random.default_rng(0).integers(60, 120, (1, 16, 16)).astype(np.uint8)
    np.testing.assert_array_equal(fir16.without_median(frame), fir16.without_median(frame + np.uint8(7)))


def test_reversal_swaps_sitting_down_and_standing_up_and_rules_out_falls(tmp_path):
    classes, table = fir16.CLASSES, fir16.SYMMETRY.reversal
    after = {name: other if other is None else classes[other] for name, other in zip(classes, table, strict=True)}
    swapped = {"sitdown": "standup", "standup": "sitdown", "fall": None}
    assert after == {name: swapped.get(name, name) for name in classes}
    assert fir16.SYMMETRY.horizontal_flip == fir16.SYMMETRY.vertical_flip == tuple(range(7))


def test_recordings_have_a_class_per_frame(tmp_path):
    write_streams(tmp_path)
    splits = load_splits(DatasetConfig("fir16_streams/fold2", manual_dir=str(tmp_path)))
    assert [len(split) for split in (splits.train, splits.validation, splits.test)] == [4, 2, 2]
    assert [set(split.groups.tolist()) for split in (splits.train, splits.validation, splits.test)] == [
        {1, 4},
        {3},
        {2},
    ]
    # Recordings 2 and 3; a segment's last frame belongs to it.
    assert [splits.test.length(i) for i in range(2)] == [10, 13]
    assert splits.test.label(0) == -1
    labels = [splits.test.frame_labels(i) for i in range(2)]
    assert labels[0] is not None and labels[0].tolist() == [-1, 2, 2, 2, -1, -1, 3, 3, 3, 3]
    assert labels[1] is not None and labels[1].tolist() == [-1, 3, 3, 3, -1, -1, 3, 3, 3, 3, -1, -1, -1]


def test_missing_files_say_where_they_come_from_and_under_which_licence(tmp_path, monkeypatch):
    monkeypatch.delenv("STJAX_DATA", raising=False)
    for name, archive in (("fir16", fir16.ARCHIVE), ("fir16_streams", fir16_streams.ARCHIVE)):
        with pytest.raises(DataError, match=f"no folder was named. fir16 is read from {archive}.*CC BY-NC-SA 4.0"):
            load_splits(DatasetConfig(f"{name}/fold1"))
        with pytest.raises(DataError, match=f"neither .*{archive} nor .*fir16/{archive} exists.*IEEE AVSS 2017"):
            load_splits(DatasetConfig(f"{name}/fold1", manual_dir=str(tmp_path)))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"frames": np.zeros((9, 16, 8), np.uint8)}, r"frames must be uint8 of 16 x 16, found uint8 \(9, 16, 8\)"),
        ({"names": np.array(["a", "b"])}, "names must be walk sitdown .*, found a b"),
        ({"offsets": np.array([0, 1], np.int32)}, "63 labels need 64 offsets"),
        ({"label": np.full(63, 7, np.int8)}, r"labels must lie in \[0, 7\)"),
    ],
)
def test_damaged_clips_are_refused(tmp_path, changes, text):
    with pytest.raises(DataError, match=text):
        fir16.read(write_clips(tmp_path, **changes), "fold1")


@pytest.mark.parametrize(
    ("segment", "text"),
    [
        ([1, 9, 13, 0, 0, 1], "segment 9 .. 13 does not lie in recording 1, of 13 frames"),
        ([1, 5, 4, 0, 0, 1], "segment 5 .. 4 does not lie"),
        ([8, 0, 1, 0, 0, 1], "out of bounds"),
        ([0, 0, 1, 7, 0, 1], r"frame_classes must lie in \[0, 7\)"),
    ],
)
def test_damaged_recordings_are_refused(tmp_path, segment, text):
    with pytest.raises(DataError, match=text):
        fir16_streams.read(write_streams(tmp_path, segments=np.array([segment], np.int32)), "fold1")


def test_the_real_files_have_the_counts_that_are_known():
    if not (REAL / "fir16" / fir16.ARCHIVE).is_file():
        pytest.skip("no folder of data (set STJAX_DATA)")
    config = DatasetConfig("fir16/fold4", manual_dir=str(REAL))
    splits = load_splits(config)
    assert [len(split) for split in (splits.train, splits.validation, splits.test)] == [1120, 560, 840]
    # In each frame half of the pixels are at most the median, which becomes (17 * 50 + 5) // 10.
    assert {int(np.sort(frame.ravel())[127]) for frame in splits.test.frames[:50]} == {85}
