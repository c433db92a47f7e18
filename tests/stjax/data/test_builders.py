"""The tensorflow-datasets builders give exactly the clips of the readers, without a network."""

import socket

import numpy as np
import pytest

pytest.importorskip("tensorflow_datasets")
pytest.importorskip("jaxtyping")
from stjax.data import DataError, moving_shapes
from stjax.data.clips import ClipSet
from stjax.data.datasets import DatasetConfig, load, load_splits
from stjax.data.moving_shapes import MovingShapesConfig
from stjax.data.sets import capfingerid
from tests.stjax.data.archives import write_archive

pytestmark = pytest.mark.train

SHAPES = MovingShapesConfig(side=8, frames=3, train=12, validation=6, test=6)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was asked for")

    monkeypatch.delenv("STJAX_DATA", raising=False)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def assert_same(found: ClipSet, expected: ClipSet) -> None:
    for name in ("frames", "offsets", "labels", "groups"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert (found.classes, found.symmetry) == (expected.classes, expected.symmetry)


def test_moving_shapes(tmp_path):
    splits = load_splits(DatasetConfig("moving_shapes", data_dir=str(tmp_path), shapes=SHAPES))
    for name in ("train", "validation", "test"):
        assert_same(getattr(splits, name), moving_shapes.generate(SHAPES, name))


def test_moving_shapes_of_two_sizes_do_not_share_files(tmp_path):
    other = MovingShapesConfig(side=8, frames=3, train=12, validation=6, test=6, seed=1)
    for shapes in (SHAPES, other):
        found = load(DatasetConfig("moving_shapes", data_dir=str(tmp_path), shapes=shapes), "test")
        assert_same(found, moving_shapes.generate(shapes, "test"))


@pytest.mark.parametrize("name", ["capfingerid", "capfingerid/reversed_copies"])
def test_capfingerid(tmp_path, monkeypatch, name):
    clips = capfingerid.read(write_archive(tmp_path / "manual" / "capfingerid"))
    if name.endswith("reversed_copies"):
        clips = clips.with_reversed_copies()
        assert len(clips) == 72
    expected = capfingerid.splits(clips)
    monkeypatch.setenv("STJAX_DATA", str(tmp_path / "manual"))
    config = DatasetConfig(name, data_dir=str(tmp_path / "prepared"))
    assert_same(load(config, "validation"), expected["validation"])
    # Prepared once, it needs the archive no more.
    monkeypatch.delenv("STJAX_DATA")
    assert_same(load(config, "test"), expected["test"])


def test_missing_files_say_where_to_put_them(tmp_path):
    config = DatasetConfig("capfingerid", data_dir=str(tmp_path / "prepared"))
    with pytest.raises(DataError, match="no folder was named. capfingerid is read from capfingerid_clips.npz"):
        load(config, "train")
    config = DatasetConfig("capfingerid", manual_dir=str(tmp_path), data_dir=str(tmp_path / "prepared"))
    with pytest.raises(DataError, match="neither .* exists"):
        load(config, "train")
