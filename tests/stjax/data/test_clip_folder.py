"""Any folder of clips: classes by folder or CSV file, splits by rule, nothing dropped in silence."""

import shutil

import numpy as np
import pytest

pytest.importorskip("jaxtyping")
pytest.importorskip("av")
from stjax.data import Batches, ClipWindow, DataError, DatasetConfig, PipelineConfig, load_splits
from stjax.data.sets.clip_folder import ClipFolderConfig
from tests.stjax.data.media_files import seen, write_array, write_images, write_video

pytestmark = pytest.mark.train


def loaded(folder, **options):
    return load_splits(DatasetConfig("clip_folder", manual_dir=str(folder), options=ClipFolderConfig(**options)))


@pytest.fixture(scope="module")
def mixed_once(tmp_path_factory):
    """Two classes of five clips each, of every kind, of 3 to 7 frames, of several sizes."""
    folder = tmp_path_factory.mktemp("mixed")
    for name in ("wave", "clap"):
        write_images(folder / name / "a", 3)
        write_images(folder / name / "b", 4, "{}.png", height=10, width=9)
        write_video(folder / name / "c.mp4", 5)
        write_video(folder / name / "d.avi", 6)
        write_array(folder / name / "e.npz", 7)
    return folder


@pytest.fixture
def mixed(mixed_once, tmp_path):
    return shutil.copytree(mixed_once, tmp_path / "mixed")


def paths(splits) -> dict[str, list[str]]:
    return {
        name: sorted("/".join(path.rsplit("/", 2)[1:]) for path in getattr(splits, name).paths)
        for name in ("train", "validation", "test")
    }


def frames(splits) -> int:
    return sum(int(getattr(splits, name).lengths.sum()) for name in ("train", "validation", "test"))


def test_folders_are_classes_and_every_clip_is_in_one_split(mixed):
    (mixed / "README.md").touch()
    splits = loaded(mixed, validation=0.2, test=0.2)
    assert splits.train.classes == ("clap", "wave")
    found = paths(splits)
    assert sorted(name for part in found.values() for name in part) == sorted(
        f"{label}/{clip}" for label in ("wave", "clap") for clip in ("a", "b", "c.mp4", "d.avi", "e.npz")
    )
    assert [len(found[name]) for name in ("train", "validation", "test")] == [6, 2, 2]
    for name in ("validation", "test"):
        split = getattr(splits, name)
        assert sorted(split.labels.tolist()) == [0, 1]
        for clip in range(len(split)):
            assert seen(split.read(clip, np.arange(split.length(clip)))) == list(range(split.length(clip)))
    lengths = {name[-1]: length for name, length in zip(splits.train.paths, splits.train.lengths, strict=True)}
    assert lengths.items() <= {"a": 3, "b": 4, "4": 5, "i": 6, "z": 7}.items()


def test_the_rule_is_a_function_of_names(mixed):
    """Known once and for all: another order here is another split for everybody who has results."""
    found = paths(loaded(mixed, validation=0.2, test=0.2))
    assert found["test"] == ["clap/a", "wave/a"] and found["validation"] == ["clap/e.npz", "wave/d.avi"]
    shutil.copytree(mixed, mixed.parent / "other")
    assert paths(loaded(mixed.parent / "other", validation=0.2, test=0.2)) == found


def test_a_csv_file_says_label_split_and_group(mixed):
    (mixed / "list.csv").write_text(
        "path,label,split,group\nwave/a,yes,train,ann\nwave/c.mp4,no,validation,bob\nclap/e.npz,yes,test,\n"
    )
    splits = loaded(mixed, csv="list.csv", classes=("yes", "no"))
    assert paths(splits) == {"train": ["wave/a"], "validation": ["wave/c.mp4"], "test": ["clap/e.npz"]}
    assert [split.label(0) for split in (splits.train, splits.validation, splits.test)] == [0, 1, 0]
    assert [split.groups.tolist() for split in (splits.train, splits.validation, splits.test)] == [[0], [1], [-1]]


def test_groups_stay_together_where_a_rule_divides(mixed):
    lines = [
        f"{label}/{clip},{label},{person}"
        for label in ("wave", "clap")
        for clip, person in zip(("a", "b", "c.mp4", "d.avi", "e.npz"), "uvwwv", strict=True)
    ]
    (mixed / "list.csv").write_text("\n".join(["path,label,group", *lines]))
    splits = loaded(mixed, csv="list.csv")
    people = [set(split.groups.tolist()) for split in (splits.train, splits.validation, splits.test)]
    assert [len(found) for found in people] == [1, 1, 1] and set.union(*people) == {0, 1, 2}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lists no clips; its first line names the columns"),
        ("wave/a;yes\nwave/b;yes\n", "list.csv, line 2: needs a path and a label; the columns are wave/a;yes"),
        ("path,label\nwave/a,yes\nwave/a,no\n", "line 3: wave/a is listed twice"),
        ("path,label,split\nwave/a,yes,dev\n", 'line 2: the split is "dev", not one of train, validation, test'),
        ("path,label,split\nwave/a,yes,test\nwave/b,yes,\n", "wave/b has no split, though others have"),
        (
            "path,label,split\nwave/a,yes,test\nwave/b,yes,train\n",
            "no clip that can be read is in the validation split",
        ),
        ("path,label\nwave/a,yes\nwave/z,yes\n", "1 of 2 clips cannot be read:\n  .*wave/z: there is no such file"),
    ],
)
def test_lists_that_do_not_fit_are_refused(mixed, text, message):
    (mixed / "list.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        loaded(mixed, csv="list.csv")


def test_unreadable_clips_are_named_and_only_left_out_when_told_so(mixed):
    (mixed / "wave" / "c.mp4").write_bytes(b"")
    (mixed / "wave" / "notes.txt").touch()
    with pytest.raises(
        DataError, match=r"2 of 11 clips cannot be read:\n  .*wave/c.mp4: .*\n  .*notes.txt: .*(?s:.*)skip_unr"
    ):
        loaded(mixed)
    with pytest.warns(UserWarning, match=r"2 of 11 clips cannot be read:\n  .*wave/c.mp4"):
        splits = loaded(mixed, skip_unreadable=True, validation=0.2, test=0.2)
    assert sum(map(len, paths(splits).values())) == 9


def test_counts_are_kept_where_a_folder_for_them_is_named(mixed, tmp_path):
    config = DatasetConfig("clip_folder", manual_dir=str(mixed), data_dir=str(tmp_path / "kept"))
    (mixed / "wave" / "bad.mp4").touch()
    with pytest.raises(DataError, match="1 of 11 clips"):
        load_splits(config)
    assert not (tmp_path / "kept").exists()
    (mixed / "wave" / "bad.mp4").unlink()
    total = frames(load_splits(config))
    (mixed / "wave" / "a" / "00003.jpg").unlink()
    assert frames(load_splits(config)) == total
    (kept,) = (tmp_path / "kept").iterdir()
    kept.unlink()
    assert frames(load_splits(config)) == total - 1


def test_long_reports_are_cut(tmp_path):
    (tmp_path / "wave").mkdir()
    for number in range(30):
        (tmp_path / "wave" / f"{number}.mp4").touch()
    with pytest.raises(DataError, match=r"30 of 30 clips cannot be read:(\n.*){20}\n  and 10 more\n"):
        loaded(tmp_path)


def test_folders_without_clips_are_refused(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="has no folder with clips in it. clip_folder is read from"):
        loaded(tmp_path)
    (tmp_path / "a.mp4").touch()
    with pytest.raises(DataError, match="a.mp4 lies beside the folders of classes"):
        loaded(tmp_path)
    with pytest.raises(DataError, match="none is no folder"):
        loaded(tmp_path / "none")


def test_nothing_is_flipped_that_nobody_vouched_for(mixed):
    assert set(loaded(mixed).train.symmetry.horizontal_flip) == {None}
    symmetry = loaded(mixed, horizontal_flip=(), reversal=(("wave", "clap"),)).train.symmetry
    assert symmetry.horizontal_flip == (0, 1) and symmetry.reversal == (1, 0) and symmetry.vertical_flip == (None, None)
    with pytest.raises(DataError, match='options of clip_folder: there is no class "left"'):
        loaded(mixed, reversal=(("left", "wave"),))
    with pytest.raises(DataError, match='has the label "clap"; the classes are wave'):
        loaded(mixed, classes=("wave",))
    with pytest.raises(ValueError, match="must be parts between 0 and 1"):
        ClipFolderConfig(validation=0.5, test=0.5)


def test_batches_of_mixed_sizes_need_one_size_and_one_kind_of_pixel(mixed):
    train = loaded(mixed).train
    config = PipelineConfig(ClipWindow(3), batch_size=len(train))
    with pytest.raises(ValueError, match=r"frames of \d+ x \d+ and \d+ x \d+ pixels: PipelineConfig\(size="):
        Batches(train, config).batch(0, 0)
    write_array(mixed / "wave" / "e.npz", 7, channels=1)
    with pytest.raises(ValueError, match=r"have \d and \d channels: PipelineConfig\(channels=1\)"):
        Batches(train, PipelineConfig(ClipWindow(3), batch_size=len(train), size=(8, 8))).batch(0, 0)
    batch = Batches(train, PipelineConfig(ClipWindow(3), len(train), size=(8, 8), channels=1)).batch(0, 0)
    assert batch.clips.shape == (len(train), 3, 8, 8, 1)
    for clip, length in zip(batch.clips, train.lengths, strict=True):
        assert seen(clip)[::2] == [0, length - 1]
