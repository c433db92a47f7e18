"""Recordings as windows."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("jaxtyping")
from stjax.data import Batches, ClipWindow, PipelineConfig, SlidingWindows
from tests.stjax.data.clip_sets import labelled_by_frame, numbered

pytestmark = pytest.mark.train


def test_every_whole_window_is_a_clip():
    """Of clips of 3, 5, 4, 6 and 2 frames."""
    windows = SlidingWindows(numbered(), 3, every=2)
    assert [windows.place(i) for i in range(len(windows))] == [(0, 0), (1, 0), (1, 2), (2, 0), (3, 0), (3, 2)]
    assert [windows.label(i) for i in range(len(windows))] == [0, 1, 1, 2, 3, 3]
    assert windows.length(2) == 3 and windows.frame_labels(0) is None
    assert windows.read(2, np.array([2, 0]))[:, 1, 1, 0].tolist() == [14, 12]
    batches = Batches(windows, PipelineConfig(ClipWindow(3), batch_size=6))
    assert batches.batch(0, 0).clips[:, 0, 1, 1, 0].tolist() == [0, 10, 12, 20, 30, 32]


def test_windows_bring_the_labels_of_their_frames():
    windows = SlidingWindows(labelled_by_frame(), 2, every=1)
    assert windows.place(4) == (1, 2)
    assert windows.frame_labels(4).tolist() == [3, 0] and windows.label(4) == -1
    batch = Batches(windows, PipelineConfig(ClipWindow(2), batch_size=5, labels="frame")).batch(0, 0)
    assert batch.labels.tolist() == [[0, -1], [-1, 2], [1, -1], [-1, 3], [3, 0]]


def test_a_window_may_have_the_class_of_its_last_frame():
    """Frame 1 of each clip has none."""
    windows = SlidingWindows(labelled_by_frame(), 2, label_of="last")
    assert 1 not in {windows.place(i)[1] + 1 for i in range(len(windows))}
    assert [windows.label(i) for i in range(3)] == [2, 3, 0] and len(windows) == 1 + 3 + 2 + 4


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"frames": 0}, r"`frames` \(=0\) and `every` \(=1\) must be at least 1"),
        ({"label_of": "first"}, '`label_of` must be "clip" or "last"'),
        ({"label_of": "last"}, '`label_of` is "last", but this dataset labels clips only'),
        ({"frames": 7}, "no clip has a window of 7 frames"),
    ],
)
def test_windows_that_cannot_be_are_refused(changes, text):
    with pytest.raises(ValueError, match=text):
        replace(SlidingWindows(numbered(), 2), **changes)
