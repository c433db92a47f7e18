"""Clips packed into records are the clips that went in; by one process, and by Beam where it is installed."""

import numpy as np
import pytest

pytest.importorskip("tensorflow_datasets")
pytest.importorskip("jaxtyping")
from stjax.data import DataError, DatasetConfig, load_splits
from stjax.data.packing import pack
from stjax.data.sets.clip_folder import ClipFolderConfig
from stjax.data.sets.packed import PackedConfig
from tests.stjax.data.fir16_archives import write_streams
from tests.stjax.data.media_files import write_images

pytestmark = pytest.mark.train


def folder_of_clips(folder, ending: str) -> DatasetConfig:
    for name in ("left", "right"):
        for number in range(4):
            write_images(folder / name / str(number), 2 + number, "{}" + ending, height=9 + number)
    options = ClipFolderConfig(reversal=(("left", "right"),), horizontal_flip=())
    return DatasetConfig("clip_folder", manual_dir=str(folder), options=options)


def assert_same_clips(found, expected) -> None:
    """In any order: every clip of one is in the other, with its labels and frames."""

    def contents(clips):
        return sorted(
            (
                clips.label(i),
                int(clips.groups[i]),
                clips.read(i, np.arange(clips.length(i))).tobytes(),
                str(clips.frame_labels(i)),
            )
            for i in range(len(clips))
        )

    for name in ("train", "validation", "test"):
        assert contents(getattr(found, name)) == contents(getattr(expected, name))
    assert found.train.classes == expected.train.classes and found.train.symmetry == expected.train.symmetry


def packed(tmp_path, **options):
    return load_splits(DatasetConfig("packed", data_dir=str(tmp_path), options=PackedConfig(**options)))


@pytest.mark.parametrize("ending", [".jpg", ".png"])
def test_clips_on_disk(tmp_path, ending):
    config = folder_of_clips(tmp_path / "clips", ending)
    pack(config, str(tmp_path), "clips")
    found = packed(tmp_path, name="clips")
    assert_same_clips(found, load_splits(config))
    records = [part.parser.parse_example(part.records[0])["video"] for part in (found.train, found.test)]
    files = {path.read_bytes() for path in (tmp_path / "clips").rglob("*.*")}
    assert all((image in files) == (ending == ".jpg") for images in records for image in images)


def test_labels_of_frames(tmp_path):
    write_streams(tmp_path / "manual")
    config = DatasetConfig("fir16_streams/fold1/raw", manual_dir=str(tmp_path / "manual"))
    pack(config, str(tmp_path), "streams")
    found = packed(tmp_path, name="streams")
    assert_same_clips(found, load_splits(config))
    assert found.train.select(np.array([1])).frame_labels(0).tolist() == found.train.frame_labels(1).tolist()


def test_beam_writes_the_same(tmp_path):
    pytest.importorskip("apache_beam")
    config = folder_of_clips(tmp_path / "clips", ".jpg")
    pack(config, str(tmp_path), "clips", beam_runner="DirectRunner")
    assert_same_clips(packed(tmp_path, name="clips"), load_splits(config))


def test_what_is_missing_is_said(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="`options` and `data_dir` are needed. packed is read from records"):
        load_splits(DatasetConfig("packed"))
    with pytest.raises(DataError, match="packed_clips/none/1.0.0 does not exist"):
        packed(tmp_path, name="none")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataError, match="Apache Beam is not installed: pip install apache-beam"):
        pack(DatasetConfig("clip_folder"), str(tmp_path), "clips", beam_runner="DirectRunner")
