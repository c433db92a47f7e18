"""Operations on frames, and how pixels become numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("jaxtyping")
from stjax.data import frames

pytestmark = pytest.mark.train

sizes = st.integers(1, 12)


def noise(height: int = 5, width: int = 4, time: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (time, height, width, 2)).astype(np.uint8)


def test_int8_stands_for_the_same_numbers_as_the_float():
    pixels = np.arange(256, dtype=np.uint8)
    quantized = frames.to_int8(pixels)
    assert quantized.tolist() == list(range(-128, 128))
    dequantized = (quantized.astype(np.float32) - frames.INPUT_ZERO_POINT) * frames.INPUT_SCALE
    np.testing.assert_array_equal(dequantized, frames.to_real(pixels))
    assert frames.to_real(pixels)[[0, 255]].tolist() == [0, 1]


def test_flips_undo_themselves_and_move_what_they_say():
    clip = noise()
    np.testing.assert_array_equal(frames.flip_horizontal(clip)[:, :, 0], clip[:, :, -1])
    np.testing.assert_array_equal(frames.flip_vertical(clip)[:, 0], clip[:, -1])


@given(st.integers(-7, 7), st.integers(-7, 7))
def test_shift_moves_pixels_and_fills_with_zero(rows, columns):
    clip = noise()
    moved = frames.shift(clip, rows, columns)
    for y in range(5):
        for x in range(4):
            inside = 0 <= y - rows < 5 and 0 <= x - columns < 4
            assert (moved[:, y, x] == (clip[:, y - rows, x - columns] if inside else 0)).all()


def test_crop():
    clip = noise()
    np.testing.assert_array_equal(frames.crop(clip, 1, 2, 3, 2), clip[:, 1:4, 2:4])
    with pytest.raises(ValueError, match="a crop of 3 x 3 at row 3, column 0 does not lie in frames of 5 x 4"):
        frames.crop(clip, 3, 0, 3, 3)


def test_grey_values_saturate():
    assert frames.scale_grey(np.full((1, 1, 1, 1), 200, np.uint8), 1.5).item() == 255
    assert frames.scale_grey(np.full((1, 1, 1, 1), 5, np.uint8), 0.5).item() == 2


@given(sizes, sizes, st.integers(0, 255))
def test_resizing_keeps_a_uniform_picture(height, width, value):
    clip = np.full((1, 5, 4, 1), value, np.uint8)
    resized = frames.resize(clip, height, width)
    assert resized.shape == (1, height, width, 1) and (resized == value).all()


@given(sizes, sizes)
def test_resizing_commutes_with_flips(height, width):
    clip = noise()
    for flip in (frames.flip_horizontal, frames.flip_vertical):
        then_flip = flip(frames.resize(clip, height, width)).astype(int)
        # Sums in another order may round a tie to the other side.
        assert np.abs(then_flip - frames.resize(flip(clip), height, width)).max() <= 1


def test_resizing_to_the_same_size_changes_nothing():
    clip = noise()
    assert frames.resize(clip, 5, 4) is clip


def test_resizing_by_hand():
    ramp = np.array([0, 100, 200, 40], np.uint8).reshape(1, 1, 4, 1)
    # Twice as wide: new centres lie a quarter of an old pixel beside the old ones.
    assert frames.resize(ramp, 1, 8).ravel().tolist() == [0, 25, 75, 125, 175, 160, 80, 40]
    # Half as wide: triangles of half-width two around the borders 0.5 and 2.5, cut off and renormalized at the edge:
    # sevenths of 500 and 820.
    assert frames.resize(ramp, 1, 2).ravel().tolist() == [71, 117]


@given(sizes, sizes, st.sampled_from([1, 2, 3]))
def test_resizing_is_linear_interpolation_of_each_channel(height, width, channels):
    clip = np.random.default_rng(channels).integers(0, 256, (2, 5, 4, channels)).astype(np.uint8)

    def weights(length: int, new: int) -> np.ndarray:
        ratio = length / new
        distance = np.abs((np.arange(new) + 0.5)[:, None] * ratio - 0.5 - np.arange(length)) / max(ratio, 1)
        triangle = np.maximum(1 - distance, 0)
        return triangle / triangle.sum(1, keepdims=True)

    exact = np.einsum("yh,thwc,xw->tyxc", weights(5, height), clip, weights(4, width))
    # Half a level for each of two roundings, and what weights of fixed point add to that.
    assert np.abs(frames.resize(clip, height, width) - exact).max() < 1.1


def test_colour_becomes_grey_as_pillow_makes_it():
    from PIL import Image

    clip = np.random.default_rng(0).integers(0, 256, (1, 40, 50, 3)).astype(np.uint8)
    np.testing.assert_array_equal(
        frames.to_channels(clip, 1)[0, ..., 0], np.asarray(Image.fromarray(clip[0]).convert("L"))
    )
    assert frames.to_channels(clip, 3) is clip
    with pytest.raises(
        ValueError, match=r"frames have 1 channels, and `channels` is 3: only colour \(3\) becomes grey"
    ):
        frames.to_channels(clip[..., :1], 3)
