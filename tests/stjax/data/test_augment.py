"""Augmentation that keeps labels true."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("jaxtyping")
from stjax.data import frames
from stjax.data.augment import Augment, augment
from stjax.data.moving_shapes import CLASSES, SYMMETRY, draw_scene, render
from tests.stjax.data import clip_sets

pytestmark = pytest.mark.train


def draws(clip: np.ndarray, label: int, config: Augment, symmetry=SYMMETRY, count: int = 40):
    return [augment(clip, label, config, symmetry, np.random.default_rng(seed)) for seed in range(count)]


def motion(clip: np.ndarray) -> str:
    """What moves in a clip without wrap-around, measured: the centre of what differs from the background."""
    shown = (clip[..., 0] != clip[0, 0, 0, 0]).astype(float)
    area = shown.sum((1, 2))
    y, x = ((shown * grid).sum((1, 2)) / area for grid in np.mgrid[: clip.shape[1], : clip.shape[2]])
    moves = {"left": x[0] - x[-1], "right": x[-1] - x[0], "up": y[0] - y[-1], "down": y[-1] - y[0]}
    sizes = {"expanding": (area[-1] / area[0] - 1) * 5, "shrinking": (area[0] / area[-1] - 1) * 5}
    return max(moves | sizes, key=(moves | sizes).__getitem__)


def centred(label: int, frames: int = 4) -> np.ndarray:
    """A scene whose object stays clear of the border, and whose size does not start again."""
    from dataclasses import replace

    scene = replace(
        draw_scene(CLASSES[label], 32, np.random.default_rng(label)), x=256, y=256, size=120, speed=20, shape="disc"
    )
    return render(scene, 32, frames)


@pytest.mark.parametrize("label", range(len(CLASSES)))
def test_labels_follow_the_picture_through_every_flip_and_reversal(label):
    clip = centred(label)
    assert motion(clip) == CLASSES[label]
    found = draws(clip, label, Augment(horizontal_flip=True, vertical_flip=True, reverse=True))
    assert {motion(changed) == CLASSES[new] for changed, new in found} == {True}
    assert len({changed.tobytes() for changed, _ in found}) > 3
    assert {new for _, new in found} == {label, SYMMETRY.reversal[label]}


@pytest.mark.parametrize("label", range(len(CLASSES)))
def test_labels_follow_a_transposed_picture(label):
    found = draws(centred(label), label, Augment(transpose=True))
    assert {motion(changed) == CLASSES[new] for changed, new in found} == {True}
    assert len({changed.tobytes() for changed, _ in found}) == 2 or SYMMETRY.transposition[label] == label


def test_transposing_is_for_square_frames_and_for_datasets_that_say_what_it_shows():
    clips = clip_sets.numbered()
    with pytest.raises(ValueError, match="must be square"):
        frames.transpose(clips.clip(0))
    assert clips.symmetry.transposition == (None,) * len(clips.classes)
    for changed, label in draws(clips.clip(0), 0, Augment(transpose=True), clips.symmetry):
        assert label == 0
        np.testing.assert_array_equal(changed, clips.clip(0))


def test_a_change_that_the_table_rules_out_does_not_happen():
    clips = clip_sets.numbered()
    thumb = clips.clip(3)
    for changed, label in draws(thumb, 3, Augment(vertical_flip=True), clip_sets.SYMMETRY):
        assert label == 3
        np.testing.assert_array_equal(changed, thumb)


def test_half_of_the_clips_are_flipped():
    clip = centred(0)
    flipped = sum(label == 1 for _, label in draws(clip, 0, Augment(horizontal_flip=True), count=200))
    assert 75 <= flipped <= 125


@given(st.integers(0, 1000))
def test_shift_is_bounded_and_the_same_in_all_frames(seed):
    clip = np.zeros((3, 9, 9, 1), np.uint8)
    clip[:, 4, 4] = 255
    changed, label = augment(clip, 2, Augment(shift=2), SYMMETRY, np.random.default_rng(seed))
    places = np.argwhere(changed[..., 0])
    assert label == 2 and len(places) == 3 and len(np.unique(places[:, 1:], axis=0)) == 1
    assert np.abs(places[:, 1:] - 4).max() <= 2


def test_gain_and_noise_have_the_stated_size():
    grey = np.full((4, 20, 20, 1), 100, np.uint8)
    gains = [changed.mean() / 100 for changed, _ in draws(grey, 0, Augment(gain=0.2))]
    assert 0.79 <= min(gains) < 0.85 and 1.15 < max(gains) <= 1.21
    noisy = np.stack([changed for changed, _ in draws(grey, 0, Augment(noise=5.0))])
    assert noisy.dtype == np.uint8 and 4.8 < noisy.std() < 5.2
    assert not (noisy[:, 0] == noisy[:, 1]).all()


def test_nothing_happens_by_default():
    clip = centred(2)
    assert all(label == 2 and (changed == clip).all() for changed, label in draws(clip, 2, Augment(), count=3))


def test_fields_out_of_range_are_refused():
    with pytest.raises(ValueError, match=r"`shift` \(=-1\)"):
        Augment(shift=-1)
    with pytest.raises(ValueError, match=r"`gain` \(=1.0\) must lie in"):
        Augment(gain=1.0)


def test_labels_of_frames_follow_their_frames():
    """Every frame holds its own number, so each label can be compared with the frame that it came from."""
    clip = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)
    labels = np.array([0, 1, -1, 3, 0], np.int32)
    flipped = {0: 1, 1: 0, 3: 3, -1: -1}
    found = draws(clip, labels, Augment(horizontal_flip=True, reverse=True), clip_sets.SYMMETRY)
    orders = set()
    for changed, new in found:
        order = changed[:, 0, 0, 0].tolist()
        plain = labels[order].tolist()
        assert new.tolist() in (plain, [flipped[label] for label in plain])
        # The mirror of frames that are uniform shows in the labels only; reversal swaps them once more.
        orders.add((tuple(order), tuple(new.tolist())))
    assert len(orders) == 4


def test_one_frame_that_a_change_rules_out_rules_it_out_for_the_clip():
    clip, labels = np.arange(4, dtype=np.uint8).reshape(4, 1, 1, 1), np.array([0, 2, -1, 3], np.int32)
    for changed, new in draws(clip, labels, Augment(reverse=True), clip_sets.SYMMETRY):
        assert new.tolist() == labels.tolist() and changed.tolist() == clip.tolist()
