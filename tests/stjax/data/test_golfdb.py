"""GolfDB: the table as Matlab wrote it and clips by id, made small; events per frame, splits, what does not fit."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("jaxtyping")
pytest.importorskip("av")
pytest.importorskip("scipy")
from scipy.io import savemat

from stjax.data import Batches, ClipWindow, DataError, DatasetConfig, PipelineConfig, load_splits
from stjax.data.sets import golfdb
from stjax.data.sets.golfdb import GolfDbConfig
from tests.stjax.data.media_files import write_video

pytestmark = pytest.mark.train

# Frame numbers of the whole video; within the clip the events are at 2, 3, 4, 5, 6, 7, 8, 10 of 12 frames.
EVENTS = np.array([101, 103, 104, 105, 106, 107, 108, 109, 111, 112])
IDS = (0, 1, 2, 3, 677, 700, 701, 702)


def events(clip: int) -> np.ndarray:
    found = EVENTS + 1000 * clip
    if clip == 677:
        found[[6, 7]] = found[[7, 6]]
    return found


def write_table(path: Path, **changes: dict[int, np.ndarray]) -> None:
    """A struct array (1, clips) whose cells are arrays, as the published file has it."""
    names = ("id", "youtube_id", "player", "sex", "club", "view", "slow", "events", "bbox", "split")
    table = np.empty((1, len(IDS)), dtype=[(name, object) for name in names])
    for row, clip in zip(table[0], IDS, strict=True):
        row["id"] = np.array([[clip]], np.uint16)
        row["youtube_id"], row["player"], row["sex"] = f"video{clip:06d}", "SOMEBODY", "f"
        row["club"], row["view"] = "driver", "face-on"
        row["slow"] = np.array([[clip % 2]], np.uint8)
        row["events"] = changes.get("events", {}).get(clip, events(clip)).astype(np.int32)[None]
        row["bbox"] = np.array([[0.1, 0.2, 0.3, 0.4]])
        row["split"] = np.array([[IDS.index(clip) % 4 + 1]], np.uint8)
    savemat(path, {"golfDB": table})


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("golfdb")
    write_table(folder / "golfDB.mat")
    for clip in IDS:
        write_video(folder / "videos_160" / f"{clip}.mp4", 12, rate=30)
    return folder


def loaded(folder, name="golfdb/split1", **options):
    return load_splits(DatasetConfig(name, manual_dir=str(folder), options=GolfDbConfig(**options)))


def groups(splits) -> list[list[int]]:
    return [part.groups.tolist() for part in (splits.train, splits.validation, splits.test)]


def test_a_split_is_tested_and_the_next_one_watched(made):
    assert groups(loaded(made)) == [[2, 3, 701, 702], [1, 700], [0, 677]]
    assert groups(loaded(made, "golfdb/split4")) == [[1, 2, 700, 701], [0, 677], [3, 702]]
    assert groups(loaded(made, "golfdb/split1/published")) == [[1, 2, 3, 700, 701, 702], [0, 677], [0, 677]]


def test_events_are_labels_of_frames_within_the_clip(made):
    splits = loaded(made)
    assert splits.test.classes == golfdb.CLASSES and splits.test.label(0) == -1
    assert splits.test.frame_labels(0).tolist() == [8, 8, 0, 1, 2, 3, 4, 5, 6, 8, 7, 8]
    # The annotation of 677 does not increase: its impact is where the next event should be.
    assert splits.test.frame_labels(1).tolist() == [8, 8, 0, 1, 2, 3, 4, 6, 5, 8, 7, 8]
    batch = Batches(splits.test, PipelineConfig(ClipWindow(12), 2, labels="frame")).batch(0, 0)
    assert batch.labels[0].tolist() == splits.test.frame_labels(0).tolist()
    assert batch.clips.shape == (2, 12, 32, 48, 3)


def test_clips_that_do_not_increase_can_be_left_out(made):
    table = golfdb.read_annotations(made / "golfDB.mat")
    assert [clip for clip, found in zip(IDS, table.unordered, strict=True) if found] == [677]
    assert groups(loaded(made, unordered=False))[2] == [0]


def test_reading_does_not_change_the_table(made):
    first, second = (golfdb.read_annotations(made / "golfDB.mat") for _ in range(2))
    np.testing.assert_array_equal(first.events, second.events)
    assert first.events[0].tolist() == [2, 3, 4, 5, 6, 7, 8, 10, 11]
    assert first.slow.tolist() == [clip % 2 for clip in IDS]


def test_missing_and_short_clips_are_named(made, tmp_path):
    write_table(tmp_path / "golfDB.mat")
    for clip in IDS[1:]:
        path = made / "videos_160" / f"{clip}.mp4"
        (tmp_path / "videos_160").mkdir(exist_ok=True)
        (tmp_path / "videos_160" / path.name).symlink_to(path)
    write_video(tmp_path / "videos_160" / "0.mp4", 10)
    (tmp_path / "videos_160" / "1.mp4").unlink()
    with pytest.raises(
        DataError, match=r"2 of 8 .*\n  .*0.mp4: has 10 frames, but an event at frame 10\n  .*1.mp4: th"
    ):
        loaded(tmp_path)
    with pytest.warns(UserWarning, match="2 of 8 clips"):
        splits = loaded(tmp_path, skip_unreadable=True)
    assert groups(splits) == [[2, 3, 701, 702], [700], [677]]


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        (EVENTS[[0, 1, 2, 3, 4, 5, 6, 7, 9, 8]], r"an event of clip 2 lies outside of it: \[2, 3, .*11\] in 0 .. 10"),
        (EVENTS[[0, 1, 1, 3, 4, 5, 6, 7, 8, 9]], "two events of clip 2 are at one frame"),
        (EVENTS[:9], "is not the table of GolfDB|needs one id and 10 frame numbers"),
    ],
)
def test_annotations_that_cannot_be_are_refused(tmp_path, changed, text):
    write_table(tmp_path / "golfDB.mat", events={2: changed})
    with pytest.raises(DataError, match=text):
        loaded(tmp_path)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "golfDB.mat").write_bytes(b"no table" * 40)
    with pytest.raises(DataError, match="golfDB.mat is not the table of GolfDB: .*repository wmcnally/golfdb"):
        loaded(tmp_path)
    savemat(tmp_path / "golfDB.mat", {"other": np.zeros(3)})
    with pytest.raises(DataError, match="is not the table of GolfDB"):
        loaded(tmp_path)
    with pytest.raises(DataError, match="neither .*golfDB.mat nor .*exists"):
        loaded(tmp_path / "none")
