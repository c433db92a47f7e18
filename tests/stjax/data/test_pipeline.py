"""Batches as a function of (seed, epoch, step)."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("jaxtyping")
from stjax.data.augment import Augment
from stjax.data.pipeline import Batch, Batches, PipelineConfig
from stjax.data.window import ClipWindow
from tests.stjax.data.clip_sets import labelled_by_frame, numbered

pytestmark = pytest.mark.train

AUGMENT = Augment(horizontal_flip=True, reverse=True, shift=1, noise=3.0)
CONFIG = PipelineConfig(ClipWindow(3, sampling="window"), batch_size=2, augment=AUGMENT)


def training(**changes) -> Batches:
    return replace(Batches(numbered(), CONFIG, seed=7, training=True), **changes)


def same(a: Batch, b: Batch) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in ("clips", "labels", "weights"))


def joined(batches: list[Batch]) -> Batch:
    return Batch(*(np.concatenate([getattr(b, name) for b in batches]) for name in ("clips", "labels", "weights")))


def test_resuming_gives_the_batches_that_would_have_come():
    whole = [batch for epoch in range(3) for batch in training().epoch(epoch)]
    resumed = [*training().epoch(1, start=1), *training().epoch(2)]
    assert len(whole) == 6 and all(map(same, whole[3:], resumed))
    assert same(training().batch(2, 1), whole[5])


def test_epochs_and_seeds_differ():
    batches = [training(seed=seed).batch(epoch, 0) for seed in (1, 2) for epoch in (0, 1)]
    assert not any(same(a, b) for i, a in enumerate(batches) for b in batches[:i])


def test_training_takes_each_clip_at_most_once_per_epoch_and_all_of_them_over_time():
    plain = replace(CONFIG, augment=Augment())
    seen = set()
    for epoch in range(8):
        batches = joined([*training(config=plain).epoch(epoch)])
        clips = (batches.clips[:, 0, 1, 1, 0] // 10).tolist()
        assert len(set(clips)) == 4 and batches.weights.tolist() == [1] * 4
        assert [clip % 4 for clip in clips] == batches.labels.tolist()
        seen |= set(clips)
    assert seen == {0, 1, 2, 3, 4}


def test_evaluation_takes_each_clip_once_unchanged_and_fills_up_with_weight_zero():
    batches = Batches(numbered(), CONFIG)
    assert batches.steps_per_epoch == 3
    all_of_them = joined([*batches.epoch(0)])
    assert all_of_them.weights.tolist() == [1, 1, 1, 1, 1, 0]
    assert all_of_them.labels.tolist()[:5] == [0, 1, 2, 3, 0]
    # The middle window of each clip of 3, 5, 4, 6 and 2 frames.
    assert all_of_them.clips[:5, :, 1, 1, 0].tolist() == [
        [0, 1, 2],
        [11, 12, 13],
        [20, 21, 22],
        [31, 32, 33],
        [40, 40, 41],
    ]


@pytest.mark.parametrize("is_training", [True, False])
def test_parts_of_several_processes_make_up_the_whole_batch(is_training):
    config = replace(CONFIG, batch_size=4)
    whole = Batches(numbered(), config, 3, is_training)
    parts = [replace(whole, shard=(index, 2)) for index in range(2)]
    for step in range(whole.steps_per_epoch):
        assert same(whole.batch(1, step), joined([part.batch(1, step) for part in parts]))


def test_frames_are_resized_and_cropped():
    config = PipelineConfig(ClipWindow(2), batch_size=2, size=(8, 6), crop=(5, 5))
    assert Batches(numbered(), config).batch(0, 0).clips.shape == (2, 2, 5, 5, 1)
    corners = set()
    for seed in range(30):
        clips = Batches(numbered(), replace(config, size=None, crop=(3, 3)), seed, training=True).batch(0, 0).clips
        corners |= {bool(corner) for corner in (clips[:, 0, 0, 0, 0] == 200)}
    # A crop of 3 x 3 out of 4 x 3 shows the marked corner or not, depending on where it starts.
    assert corners == {True, False}


def test_shuffled_frames_are_the_same_on_every_evaluation():
    config = replace(CONFIG, window=ClipWindow(5, order="shuffled"))
    first, second = (Batches(numbered(), config).batch(0, 0) for _ in range(2))
    assert same(first, second)
    assert (np.diff(first.clips[:, :, 1, 1, 0].astype(int)) < 0).any()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"config": replace(CONFIG, batch_size=6)}, "5 clips do not fill one batch of 6"),
        ({"shard": (0, 3)}, "a batch of 2 clips has no part 0 of 3 equal parts"),
        ({"shard": (2, 2)}, "no part 2 of 2"),
    ],
)
def test_batches_that_cannot_be_made_are_refused(changes, text):
    with pytest.raises(ValueError, match=text):
        training(**changes)


def test_frames_bring_their_labels():
    config = replace(CONFIG, window=ClipWindow(4, stride=1, sampling="window"), labels="frame")
    batch = Batches(labelled_by_frame(), config).batch(0, 1)
    # Clips 2 and 3: four frames, and the middle four of six.
    assert batch.clips[:, :, 1, 1, 0].tolist() == [[20, 21, 22, 23], [31, 32, 33, 34]]
    assert batch.labels.tolist() == [[2, -1, 0, 1], [-1, 1, 2, 3]]
    assert batch.labels.dtype == np.int32


def test_labels_of_frames_follow_their_frames_in_training():
    config = replace(CONFIG, augment=Augment(reverse=True, noise=0), labels="frame")
    table = {0: 1, 1: 0, 3: 3, -1: -1}
    backwards = 0
    for epoch in range(6):
        for batch in Batches(labelled_by_frame(), config, training=True).epoch(epoch):
            for clip, labels in zip(batch.clips[:, :, 1, 1, 0].astype(int), batch.labels.tolist(), strict=True):
                plain = [-1 if value % 10 == 1 else (value // 10 + value % 10) % 4 for value in clip.tolist()]
                turned = clip[0] > clip[-1]
                backwards += turned
                assert labels == ([table[label] for label in plain] if turned else plain)
    assert backwards


@pytest.mark.parametrize(
    ("source", "kind", "text"),
    [
        (numbered, "frame", '`labels` is "frame", but this dataset labels clips only'),
        (labelled_by_frame, "clip", '`labels` is "clip", but this dataset labels frames only'),
        (numbered, "none", "`labels` must be one of"),
    ],
)
def test_labels_that_are_not_there_are_refused(source, kind, text):
    with pytest.raises(ValueError, match=text):
        Batches(source(), replace(CONFIG, labels=kind))
