"""Batches from worker processes are the batches that the process makes by itself."""

import multiprocessing
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("jaxtyping")
pytest.importorskip("grain")
from stjax.data import Augment, Batches, ClipWindow, DataError, DatasetConfig, PipelineConfig, load_splits
from tests.stjax.data.media_files import write_images

pytestmark = pytest.mark.train

CONFIG = PipelineConfig(
    ClipWindow(2, sampling="window"), batch_size=2, size=(6, 5), channels=1, augment=Augment(reverse=True, noise=9)
)


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for number in range(9):
        write_images(folder / "wave" / str(number), 3 + number % 3, height=8 + number % 2)
    return load_splits(DatasetConfig("clip_folder", manual_dir=str(folder))).train


def same(found, expected) -> bool:
    names = ("clips", "labels", "weights")
    return all(np.array_equal(getattr(found, name), getattr(expected, name)) for name in names)


def all_of(*epochs) -> list:
    return [batch for epoch in epochs for batch in epoch]


def test_two_workers_give_the_same_bytes_in_the_same_order(clips):
    """Resumed in the middle of an epoch, through the end of it, and by another process's part of each batch."""
    alone = Batches(clips, CONFIG, 5, training=True, shard=(1, 2))
    batches = replace(alone, workers=2)
    found, expected = (all_of(some.epoch(1, start=1), some.epoch(2)) for some in (batches, alone))
    assert len(found) == 5 and all(map(same, found, expected))
    assert not same(expected[0], expected[3])
    batches.close()


def test_one_worker_gives_the_same_stays_while_calls_go_on_and_ends_with_the_batches(clips):
    batches = Batches(clips, CONFIG, workers=1)
    expected = all_of(replace(batches, workers=0).epoch(0))
    before = set(multiprocessing.active_children())
    for _ in range(2):
        assert all(map(same, all_of(batches.epoch(0)), expected))
        (worker,) = set(multiprocessing.active_children()) - before
    first = next(batches.epoch(0))
    # It was left after one batch: the next call begins again, with another process.
    assert same(first, expected[0]) and all(map(same, all_of(batches.epoch(0)), expected))
    assert worker not in multiprocessing.active_children()
    batches.close()
    assert set(multiprocessing.active_children()) == before


def test_what_goes_wrong_in_a_worker_is_told_here(clips, tmp_path):
    broken = replace(clips, paths=(str(tmp_path / "gone"), *clips.paths[1:]))
    batches = Batches(broken, CONFIG, workers=1)
    with pytest.raises(DataError, match="gone: there is no such file or folder"):
        all_of(batches.epoch(0))
    batches.close()
    with pytest.raises(ValueError, match=r"`workers` \(=-1\) may not be negative"):
        replace(batches, workers=-1)
