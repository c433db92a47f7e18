"""The generated motions: order is all there is."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("jaxtyping")
from stjax.data.moving_shapes import (
    _SPEEDS,
    CLASSES,
    SHAPES,
    SIZES,
    SUBPIXELS,
    SYMMETRY,
    MovingShapesConfig,
    Scene,
    draw_scene,
    generate,
    positions,
    render,
)

pytestmark = pytest.mark.train

SIDE, FRAMES = 16, 6
SMALL = MovingShapesConfig(side=SIDE, frames=FRAMES, train=60, validation=12, test=12)
OPPOSITE = {name: CLASSES[other] for name, other in zip(CLASSES, SYMMETRY.reversal, strict=True) if other is not None}
CIRCLE = {"left": "x", "right": "x", "up": "y", "down": "y", "expanding": "size", "shrinking": "size"}


def scenes() -> st.SearchStrategy[Scene]:
    return st.builds(
        lambda motion, seed: draw_scene(motion, SIDE, np.random.default_rng(seed)),
        st.sampled_from(CLASSES),
        st.integers(0, 10**6),
    )


@settings(max_examples=50)
@given(scenes())
def test_a_clip_played_backwards_is_a_legal_clip_of_the_opposite_class(scene):
    back = scene.reversed(SIDE, FRAMES)
    assert back.motion == OPPOSITE[scene.motion]
    assert 0 <= back.x < SIDE * SUBPIXELS and 0 <= back.y < SIDE * SUBPIXELS and 0 <= back.size < SIZES
    low, high = _SPEEDS[CIRCLE[back.motion]]
    assert low <= back.speed <= high and (back.shape, back.foreground) == (scene.shape, scene.foreground)
    np.testing.assert_array_equal(render(back, SIDE, FRAMES), render(scene, SIDE, FRAMES)[::-1])
    assert back.reversed(SIDE, FRAMES) == scene


@pytest.mark.parametrize("motion", CLASSES)
@pytest.mark.parametrize("speed", [16, 23, 32])
def test_every_frame_is_equally_likely_in_every_class_at_every_time(motion, speed):
    """All starts on the circle, once each: at any time every position occurs once, whatever the class and speed.

    With the start drawn uniformly, a frame's distribution is therefore the same for all classes and times.
    """
    circle = CIRCLE[motion]
    count = SIZES if circle == "size" else SIDE * SUBPIXELS
    start = draw_scene(motion, SIDE, np.random.default_rng(0))
    visited = np.stack(
        [positions(replace(start, **{circle: p, "speed": speed}), circle, SIDE, FRAMES) for p in range(count)]
    )
    assert (np.sort(visited, axis=0) == np.arange(count)[:, None]).all()
    for other in {"x", "y", "size"} - {circle}:
        assert (positions(start, other, SIDE, FRAMES) == getattr(start, other)).all()


def test_starts_are_drawn_from_the_whole_circle_alike_in_all_classes():
    for motion in CLASSES:
        rng = np.random.default_rng(5)
        drawn = [draw_scene(motion, SIDE, rng) for _ in range(2000)]
        for circle, count in (("x", SIDE * SUBPIXELS), ("y", SIDE * SUBPIXELS), ("size", SIZES)):
            quarters = Counter(4 * getattr(scene, circle) // count for scene in drawn)
            # 500 each expected, standard deviation 19.
            assert len(quarters) == 4 and all(400 < n < 600 for n in quarters.values())


def test_frames_of_opposite_classes_agree_one_by_one_in_the_generated_set():
    clips = generate(SMALL, "train")
    frames = [
        sorted(frame.tobytes() for i in np.flatnonzero(clips.labels == label) for frame in clips.clip(int(i)))
        for label in range(len(CLASSES))
    ]
    for label, other in enumerate(SYMMETRY.reversal):
        assert other is not None and frames[label] == frames[other]
    assert len(set(map(tuple, frames))) == 3


def test_classes_are_equally_frequent_and_neighbours_each_others_reversal():
    clips = generate(SMALL, "train")
    assert np.bincount(clips.labels).tolist() == [10] * 6
    assert clips.frames.shape == (60 * FRAMES, SIDE, SIDE, 1)
    for i in range(0, 60, 2):
        np.testing.assert_array_equal(clips.clip(i), clips.clip(i + 1)[::-1])
        assert clips.label(i + 1) == SYMMETRY.reversal[clips.label(i)]


def test_seed_decides_and_splits_share_nothing():
    clips = {split: generate(SMALL, split) for split in ("train", "validation", "test")}
    np.testing.assert_array_equal(clips["train"].frames, generate(SMALL, "train").frames)
    assert (generate(replace(SMALL, seed=1), "test").frames != clips["test"].frames).any()
    contents = [{split.clip(i).tobytes() for i in range(len(split))} for split in clips.values()]
    assert sum(map(len, contents)) == len(set().union(*contents)) == 84


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_visible_and_grows(shape):
    scene = replace(
        draw_scene("expanding", 32, np.random.default_rng(1)),
        shape=shape,
        size=0,
        speed=32,
        background=0,
        foreground=200,
    )
    area = (render(scene, 32, 8) / 200).sum((1, 2, 3))
    assert area[0] > 8 and (np.diff(area) > 0).all() and area[-1] > 3 * area[0]


def test_what_leaves_on_the_right_comes_in_on_the_left():
    scene = replace(draw_scene("right", SIDE, np.random.default_rng(2)), x=0, speed=SUBPIXELS)
    clip = render(scene, SIDE, SIDE + 1)
    for t in range(SIDE + 1):
        np.testing.assert_array_equal(clip[t], np.roll(clip[0], t, axis=1))


def test_impossible_sizes_are_refused():
    with pytest.raises(ValueError, match=r"`test` \(=10\) must be a multiple of 6"):
        MovingShapesConfig(test=10)
    with pytest.raises(ValueError, match=r"`side` \(=4\)"):
        MovingShapesConfig(side=4)
