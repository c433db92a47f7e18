"""Which frames a window takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("jaxtyping")
from stjax.data.window import ClipWindow, spread

pytestmark = pytest.mark.train

lengths = st.integers(1, 70)
counts = st.integers(1, 20)
seeds = st.integers(0, 100)


def numbers(window: ClipWindow, length: int, training: bool = False, seed: int = 0) -> list[int]:
    return window.frame_numbers(length, np.random.default_rng(seed), training).tolist()


def test_middle_window_with_stride():
    assert numbers(ClipWindow(3, stride=2, sampling="window"), length=9) == [2, 4, 6]


def test_short_clips_repeat_their_edge_frames():
    assert numbers(ClipWindow(6, sampling="window"), length=3) == [0, 0, 0, 1, 2, 2]
    assert numbers(ClipWindow(4, sampling="window"), length=1, training=True) == [0, 0, 0, 0]


@given(lengths, counts, st.integers(1, 4), seeds)
def test_training_windows_keep_the_stride_and_lie_inside_if_they_fit(length, count, stride, seed):
    found = np.array(numbers(ClipWindow(count, stride, "window"), length, training=True, seed=seed))
    assert len(found) == count and found.min() >= 0 and found.max() < length
    if (count - 1) * stride < length:
        assert (np.diff(found) == stride).all()


def test_training_windows_reach_every_place():
    window = ClipWindow(3, sampling="window")
    assert {numbers(window, 6, training=True, seed=seed)[0] for seed in range(60)} == {0, 1, 2, 3}


@given(lengths, counts)
def test_span_goes_from_end_to_end_in_nearly_equal_steps(length, count):
    found = spread(length, count)
    if count > 1:
        assert found[0] == 0 and found[-1] == length - 1
    exact = np.linspace(0, length - 1, count) if count > 1 else np.array([(length - 1) / 2])
    assert np.abs(found - exact).max() <= 0.5


@given(lengths, counts)
def test_span_of_a_reversed_clip_is_the_reversed_span(length, count):
    found = spread(length, count)
    mirrored = length - 1 - found[::-1]
    # A middle frame between two frames has to be one of them.
    undecided = count % 2 == 1 and length % 2 == 0
    assert (
        np.delete(found, count // 2 if undecided else []).tolist()
        == np.delete(mirrored, count // 2 if undecided else []).tolist()
    )


@given(lengths, counts, seeds)
def test_trimmed_spans_stay_inside_and_in_order(length, count, seed):
    found = np.array(numbers(ClipWindow(count, trim=0.3), length, training=True, seed=seed))
    assert found.min() >= 0 and found.max() < length and (np.diff(found) >= 0).all()


def test_trim_is_for_training_only_and_does_something():
    window = ClipWindow(4, trim=0.4)
    assert numbers(window, 20) == [0, 6, 13, 19]
    assert len({tuple(numbers(window, 20, training=True, seed=seed)) for seed in range(20)}) > 5


def test_controls_change_the_order_and_nothing_else():
    forward = numbers(ClipWindow(8), 30)
    assert numbers(ClipWindow(8, order="backward"), 30) == forward[::-1]
    shuffled = [numbers(ClipWindow(8, order="shuffled"), 30, seed=seed) for seed in range(5)]
    assert all(sorted(found) == forward for found in shuffled)
    assert len({tuple(found) for found in shuffled}) == 5


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"frames": 0}, r"`frames` \(=0\) and `stride` \(=1\) must be at least 1"),
        ({"frames": 3, "sampling": "random"}, 'found "random"'),
        ({"frames": 3, "order": "sideways"}, 'found "sideways"'),
        ({"frames": 3, "trim": 0.5}, r"`trim` \(=0.5\)"),
        ({"frames": 3, "stride": 2}, r'"span" has no stride'),
    ],
)
def test_fields_out_of_range_are_refused(fields, text):
    with pytest.raises(ValueError, match=text):
        ClipWindow(**fields)
