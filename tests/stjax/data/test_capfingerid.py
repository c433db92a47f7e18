"""The touch-sensor archive: reading, splitting, and what is said when it is not there."""

import os
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jaxtyping")
from stjax.data import DataError
from stjax.data.sets import capfingerid
from tests.stjax.data.archives import write_archive

pytestmark = pytest.mark.train

ROOT = Path(__file__).resolve().parents[3]
REAL = Path(os.environ.get("STJAX_DATA", ROOT.parent / "shared" / "data"))


def test_reading_gives_what_was_written(tmp_path):
    clips = capfingerid.read(write_archive(tmp_path))
    assert clips.frames.shape[1:] == (27, 15, 1)
    assert clips.labels.tolist()[:6] == [0, 1, 2, 3, 4, 0]
    assert [clips.length(i) for i in range(3)] == [3, 4, 5]


def test_nobody_is_in_two_splits(tmp_path):
    splits = capfingerid.splits(capfingerid.read(write_archive(tmp_path)))
    people = {name: set(split.groups.tolist()) for name, split in splits.items()}
    assert people == {"train": {1, 2}, "validation": {6, 15}, "test": {3, 9, 14, 18}}


@pytest.mark.parametrize("folder", ["", "capfingerid"])
def test_archive_is_found_by_itself_or_in_its_subfolder(tmp_path, folder):
    path = write_archive(tmp_path / folder)
    assert capfingerid.find_archive(tmp_path) == path


def test_a_missing_archive_says_where_to_put_it(tmp_path):
    with pytest.raises(
        DataError, match=r"neither .*capfingerid_clips.npz exists.*Put that file into a folder.*STJAX_DATA"
    ):
        capfingerid.find_archive(tmp_path)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / capfingerid.ARCHIVE
    path.write_bytes(b"not an archive")
    with pytest.raises(DataError, match="is not a readable .npz archive"):
        capfingerid.read(path)
    np.savez(path, images=np.zeros(3))
    with pytest.raises(DataError, match="is another archive"):
        capfingerid.read(path)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"frames": np.zeros((40, 15, 27), np.uint8)}, r"frames must be uint8 of 27 x 15, found uint8 \(40, 15, 27\)"),
        ({"label_names": np.array(["a", "b"])}, "label_names must be left right up down still, found a b"),
        ({"meta": np.zeros(3, np.int16)}, "meta must have one row per clip"),
        ({"offsets": np.array([0, 1])}, "offsets"),
    ],
)
def test_damaged_archives_are_refused(tmp_path, changes, text):
    with pytest.raises(DataError, match=text):
        capfingerid.read(write_archive(tmp_path, **changes))


@pytest.fixture(scope="module")
def real() -> dict:
    try:
        path = capfingerid.find_archive(REAL)
    except DataError:
        pytest.skip("no folder of data (set STJAX_DATA)")
    return capfingerid.splits(capfingerid.read(path))


def test_the_published_archive_has_the_published_counts(real):
    total = np.sum([np.bincount(split.labels) for split in real.values()], axis=0)
    assert total.tolist() == [691, 762, 1234, 1325, 3270]
    assert {name: len(split) for name, split in real.items()} == {"train": 4407, "validation": 801, "test": 2074}


def finger_track(clip: np.ndarray) -> np.ndarray:
    """Row and column of the brightest 3 x 3 neighbourhood, in the frames that show a touch.

    The brightest cell of each neighbourhood is left out, since single cells stick.
    """
    padded = np.pad(clip[..., 0].astype(int), ((0, 0), (1, 1), (1, 1)))
    near = np.stack([padded[:, y : y + 27, x : x + 15] for y in range(3) for x in range(3)])
    brightness = np.sort(near, axis=0)[:-1].sum(0).reshape(len(clip), -1)
    track = np.stack(np.unravel_index(brightness.argmax(1), (27, 15)), 1)
    return track[brightness.max(1) > 150]


def test_labels_of_the_published_archive_agree_with_the_pictures(real):
    """Left is towards lower columns and up towards lower rows, so flips change labels as the table says."""
    clips, agree = real["validation"], []
    for i in np.flatnonzero(clips.labels < 4).tolist():
        track = finger_track(clips.clip(i))
        if len(track) > 1:
            down, right = track[-1] - track[0]
            seen = (1 if right > 0 else 0) if abs(right) > abs(down) else (3 if down > 0 else 2)
            agree.append(seen == clips.label(i))
    assert len(agree) > 400 and np.mean(agree) > 0.97
