"""Clips in memory."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("jaxtyping")
from stjax.data.clips import NO_GROUP, clip_set
from tests.stjax.data.clip_sets import CLASSES, SYMMETRY, labelled_by_frame, numbered

pytestmark = pytest.mark.train


def test_clips_come_back_as_they_went_in():
    clips = numbered()
    assert [clips.length(i) for i in range(len(clips))] == [3, 5, 4, 6, 2]
    assert clips.clip(1)[:, 1, 1, 0].tolist() == [10, 11, 12, 13, 14]
    assert clips.read(3, np.array([5, 0, 0]))[:, 1, 1, 0].tolist() == [35, 30, 30]


def test_groups_may_be_unknown():
    assert clip_set([np.zeros((1, 2, 2, 1), np.uint8)], [0], CLASSES, SYMMETRY).groups.tolist() == [NO_GROUP]


def test_select_by_mask_and_by_number():
    clips = numbered()
    for chosen in (clips.labels == 0, np.array([0, 4])):
        picked = clips.select(chosen)
        assert picked.groups.tolist() == [0, 4]
        np.testing.assert_array_equal(picked.clip(1), clips.clip(4))
    assert len(clips.select(np.zeros(5, bool))) == 0


def test_reversed_copies_are_of_ordered_classes_only_and_change_label():
    clips = numbered()
    more = clips.with_reversed_copies()
    assert more.labels.tolist() == [0, 1, 2, 3, 0, 1, 0, 1]
    assert more.groups.tolist() == [0, 1, 2, 3, 4, 0, 1, 4]
    for copy, original in ((5, 0), (6, 1), (7, 4)):
        np.testing.assert_array_equal(more.clip(copy), clips.clip(original)[::-1])


def test_reversed_copies_make_frames_of_opposite_classes_the_same():
    more = numbered().with_reversed_copies()
    left, right = (
        sorted(frame.tobytes() for i in np.flatnonzero(more.labels == label) for frame in more.clip(int(i)))
        for label in (0, 1)
    )
    assert left == right


def test_frames_may_have_labels_of_their_own():
    assert numbered().frame_labels(0) is None
    clips = labelled_by_frame()
    assert [clips.frame_labels(i).tolist() for i in (0, 3)] == [[0, -1, 2], [3, -1, 1, 2, 3, 0]]
    picked = clips.select(np.array([3, 0]))
    assert [picked.frame_labels(i).tolist() for i in range(2)] == [[3, -1, 1, 2, 3, 0], [0, -1, 2]]
    assert len(clips.with_reversed_copies()) == 5


def test_reversed_copies_reverse_the_labels_of_frames():
    clips = replace(labelled_by_frame(), labels=numbered().labels)
    # Clip 1 has 1, none, 3, 0, 1: right becomes left, thumb stays. Clip 0 has 0, none, 2: a wave becomes none.
    copies = clips.with_reversed_copies()
    assert copies.frame_labels(6).tolist() == [0, 1, 3, -1, 0]
    assert copies.frame_labels(5).tolist() == [-1, -1, 1]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"labels": np.zeros(3, np.int32)}, "3 labels need 4 offsets"),
        ({"offsets": np.array([0, 3, 3, 12, 18, 20])}, "clip 1 has no frames"),
        ({"offsets": np.array([0, 3, 8, 12, 18, 19])}, "offsets must run from 0"),
        ({"labels": np.full(5, 4, np.int32)}, r"labels must lie in \[0, 4\)"),
        ({"labels": np.full(5, -2, np.int32)}, r"labels must lie in \[0, 4\), or be -1"),
        ({"frame_classes": np.zeros(3, np.int32)}, "20 frames need as many frame_classes, found 3"),
        ({"frame_classes": np.full(20, 4, np.int32)}, r"frame_classes must lie in \[0, 4\)"),
        ({"classes": ("one",), "labels": np.zeros(5, np.int32)}, "symmetry is about 4 labels, not 1"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(changes, text):
    with pytest.raises(ValueError, match=text):
        replace(numbered(), **changes)


def test_no_clips_at_all():
    with pytest.raises(ValueError, match="at least one clip"):
        clip_set([], [], CLASSES, SYMMETRY)
