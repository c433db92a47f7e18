"""Jester: the official layout and the re-encoded one, made small; separators, ids, missing clips, widths, rates."""

import shutil

import numpy as np
import pytest

pytest.importorskip("jaxtyping")
pytest.importorskip("av")
from stjax.data import Batches, ClipWindow, DataError, DatasetConfig, PipelineConfig, load_splits, video
from stjax.data.sets import jester
from stjax.data.sets.jester import JesterConfig
from tests.stjax.data.media_files import seen, write_images, write_video

pytestmark = pytest.mark.train

# In the order of the official file, which is not alphabetical.
CLASSES = ("Swiping Left", "Swiping Right", "Thumb Up", "No gesture")
WIDTHS, LENGTHS = (132, 142, 176), (3, 5, 4, 6)
TRAIN = {
    "14": "Swiping Left",
    "7": "Swiping Right",
    "148092": "Thumb Up",
    "20": "No gesture",
    "21": "Swiping Left",
    "22": "Swiping Left",
}
VALIDATION = {"3": "Swiping Right", "100": "Thumb Up"}


def write_lists(folder) -> None:
    (folder / "jester-v1-labels.csv").write_text("".join(f"{name}\n" for name in CLASSES))
    for name, ids in (("train", TRAIN), ("validation", VALIDATION)):
        (folder / f"jester-v1-{name}.csv").write_text("".join(f"{clip};{label}\n" for clip, label in ids.items()))
    (folder / "jester-v1-test.csv").write_text("5\n6\n")


def length(clip: str) -> int:
    return LENGTHS[int(clip) % 4]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "jester"
    folder.mkdir()
    write_lists(folder)
    for clip in (*TRAIN, *VALIDATION):
        write_images(folder / "20bn-jester-v1" / clip, length(clip), height=100, width=WIDTHS[int(clip) % 3])
        write_video(folder / "20bn-jester-v1-videos" / f"{clip}.mp4", length(clip), rate=20)
    return folder.parent


@pytest.fixture
def data(made, tmp_path):
    return shutil.copytree(made, tmp_path / "data")


def loaded(folder, name="jester", **options):
    return load_splits(
        DatasetConfig(name, manual_dir=str(folder), options=JesterConfig(**options) if options else None)
    )


def ids(clips) -> list[str]:
    return [path.rsplit("/", 1)[1].removesuffix(".mp4") for path in clips.paths]


@pytest.mark.parametrize("name", ["jester", "jester/videos"])
def test_both_forms_give_the_same_clips(made, name):
    splits = loaded(made, name)
    assert splits.train.classes == CLASSES
    assert ids(splits.test) == ["3", "100"]
    # One of the three clips of Swiping Left, and of no class that has one clip only.
    assert ids(splits.validation) == ["21"] and set(ids(splits.train)) == {*TRAIN} - {"21"}
    for part in (splits.train, splits.validation, splits.test):
        for clip, identity in enumerate(ids(part)):
            assert CLASSES[part.label(clip)] == (TRAIN | VALIDATION)[identity]
            assert part.length(clip) == length(identity)
            assert seen(part.read(clip, np.arange(part.length(clip)))) == list(range(length(identity)))


def test_the_rate_of_the_videos_changes_nothing(made):
    """They claim 20 frames/s for what was taken at 12."""
    train = loaded(made, "jester/videos").train
    assert {video.frames_per_second(path) for path in train.paths} == {20.0}
    images = loaded(made).train
    config = PipelineConfig(ClipWindow(3, sampling="window"), len(train), size=(24, 32), channels=1)
    found, expected = (Batches(source, config).batch(0, 0) for source in (train, images))
    assert [seen(clip) for clip in found.clips] == [seen(clip) for clip in expected.clips]


def test_widths_vary_so_a_batch_needs_a_size(made):
    train = loaded(made).train
    with pytest.raises(ValueError, match=r"frames of 100 x \d+ and 100 x \d+ pixels: PipelineConfig\(size="):
        Batches(train, PipelineConfig(ClipWindow(2), len(train))).batch(0, 0)
    batch = Batches(train, PipelineConfig(ClipWindow(2), len(train), size=(96, 96))).batch(0, 0)
    assert batch.clips.shape == (len(train), 2, 96, 96, 3)


def test_flips_and_reversal_change_labels_by_name():
    official = jester.symmetry(
        tuple(sorted({name for pair in (*jester.HORIZONTAL, *jester.VERTICAL, *jester.REVERSAL) for name in pair}))
    )
    assert len(official.ordered) == 20
    found = jester.symmetry(CLASSES)
    assert found.horizontal_flip == (1, 0, 2, 3) and found.reversal == (1, 0, 2, 3)
    # Thumb Down is not among these classes.
    assert found.vertical_flip == (0, 1, None, 3)


def test_some_classes_only(made):
    splits = loaded(made, classes=("Swiping Right", "Swiping Left"))
    assert splits.train.classes == ("Swiping Right", "Swiping Left")
    assert dict(zip(ids(splits.train), splits.train.labels.tolist(), strict=True)) == {"14": 1, "7": 0, "22": 1}
    with pytest.raises(DataError, match='there is no class "Wave" in .*jester-v1-labels.csv; there are Swiping Left'):
        loaded(made, classes=("Wave",))


def test_missing_clips_and_frames_are_named(data):
    shutil.rmtree(data / "jester" / "20bn-jester-v1" / "7")
    (data / "jester" / "20bn-jester-v1" / "20" / "00002.jpg").unlink()
    with pytest.raises(
        DataError, match=r"2 of 8 clips cannot be read:\n  .*v1/7: there is no such .*\n  .*v1/20: has 2"
    ):
        loaded(data)
    with pytest.warns(UserWarning, match="2 of 8 clips cannot be read"):
        splits = loaded(data, skip_unreadable=True)
    assert set(ids(splits.train)) == {"14", "148092", "22"}


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("train", "14,Swiping Left\n", 'train.csv, line 1: must be <id>;<class name>, found "14,Swiping Left"'),
        ("train", "14;Wave\n", 'train.csv, line 1: there is no class "Wave" in jester-v1-labels.csv'),
        ("train", "14;Thumb Up\n14;Thumb Up\n", "line 2: clip 14 is listed twice"),
        ("train", "14;Thumb Up\n3;Thumb Up\n", "clip 3 is in jester-v1-train.csv and in jester-v1-validation.csv"),
        ("labels", "Thumb Up\nThumb Up\n", "labels.csv: a class is listed twice"),
        ("labels", "Thumb Up;0\n", 'labels.csv, line 1: must be <class name>, found "Thumb Up;0"'),
    ],
)
def test_lists_that_are_not_jesters_are_refused(tmp_path, file, text, message):
    write_lists(tmp_path)
    (tmp_path / f"jester-v1-{file}.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        loaded(tmp_path)


def test_missing_lists_say_where_they_come_from(tmp_path):
    with pytest.raises(DataError, match="neither .*jester-v1-labels.csv nor .*official download"):
        loaded(tmp_path)
    write_lists(tmp_path)
    (tmp_path / "jester-v1-validation.csv").unlink()
    with pytest.raises(DataError, match="jester-v1-validation.csv cannot be read: .*official download"):
        loaded(tmp_path)
