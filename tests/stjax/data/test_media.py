"""Frames of folders of images, videos and arrays: counted, decoded by number, and what is said when they cannot be."""

import builtins

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("jaxtyping")
pytest.importorskip("av")
from stjax.data import DataError, video
from stjax.data.media import count_frames, read_frames
from tests.stjax.data.media_files import pixels, seen, write_array, write_images, write_video

pytestmark = pytest.mark.train

NUMBERS = np.array([4, 0, 0, 2])


def written(tmp_path, kind: str):
    if kind == "images":
        return write_images(tmp_path / "clip", 5)
    if kind == "array":
        return write_array(tmp_path / "clip.npz", 5)
    return write_video(tmp_path / f"clip.{kind}", 5)


@pytest.mark.parametrize("kind", ["images", "array", "mp4", "avi", "mkv"])
def test_frames_come_by_number_in_the_order_that_is_asked_for(tmp_path, kind):
    path = written(tmp_path, kind)
    assert count_frames(path) == 5
    colour = read_frames(path, NUMBERS)
    assert seen(colour) == NUMBERS.tolist()
    assert colour.dtype == np.uint8 and colour.shape[3] == 3
    grey = read_frames(path, NUMBERS, size=(6, 4), channels=1)
    assert grey.shape == (4, 6, 4, 1) and seen(grey) == NUMBERS.tolist()


def test_numbers_in_names_count_as_numbers(tmp_path):
    folder = write_images(tmp_path / "clip", 11, "{}.png", first=1)
    assert seen(read_frames(folder, np.arange(11))) == list(range(11))
    (folder / ".hidden").touch()
    assert count_frames(folder) == 11


def test_a_video_of_another_rate_has_the_same_frames(tmp_path):
    for rate in (12, 20):
        path = write_video(tmp_path / f"{rate}.mp4", 7, rate)
        assert video.frames_per_second(path) == rate
        assert count_frames(path) == 7 and seen(read_frames(path, np.arange(7))) == list(range(7))


def test_resizing_on_the_way_is_resizing_afterwards(tmp_path):
    """Exactly, for pictures that no JPEG decoder scales: less than twice as large."""
    from stjax.data.frames import resize, to_channels

    folder = tmp_path / "clip"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (9, 13, 3)).astype(np.uint8)
    Image.fromarray(noise).save(folder / "1.png")
    whole = read_frames(folder, np.zeros(1, int))
    np.testing.assert_array_equal(whole[0], noise)
    np.testing.assert_array_equal(read_frames(folder, np.zeros(1, int), (5, 7)), resize(whole, 5, 7))
    grey = read_frames(folder, np.zeros(1, int), channels=1)
    np.testing.assert_array_equal(grey, to_channels(whole, 1))
    np.testing.assert_array_equal(read_frames(folder, np.zeros(1, int), (5, 7), 1), resize(grey, 5, 7))


def test_large_jpegs_are_decoded_smaller(tmp_path, monkeypatch):
    folder = write_images(tmp_path / "clip", 1, height=64, width=96)
    asked = []
    monkeypatch.setattr(Image.Image, "resize", lambda self, size, resample: asked.append(self.size) or self)
    read_frames(folder, np.zeros(1, int), size=(16, 24))
    assert asked == []
    read_frames(folder, np.zeros(1, int), size=(15, 20))
    assert asked == [(24, 16)]


def test_images_of_two_sizes_in_one_clip_need_a_size(tmp_path):
    folder = write_images(tmp_path / "clip", 2)
    Image.fromarray(pixels(3, 8, 10)[2]).save(folder / "00003.jpg")
    with pytest.raises(DataError, match=r"clip: 00003.jpg is 8 x 10 pixels .* before it 8 x 12 .*size="):
        read_frames(folder, np.arange(3))
    assert seen(read_frames(folder, np.arange(3), size=(4, 4))) == [0, 1, 2]


def test_grey_does_not_become_colour(tmp_path):
    paths = (
        write_images(tmp_path / "clip", 2, "{}.png", channels=1),
        write_array(tmp_path / "clip.npz", 2, channels=1),
    )
    for path in paths:
        assert read_frames(path, np.arange(2)).shape[3] == 1
        with pytest.raises(DataError, match=r"clip.*`channels` is 3: only colour \(3\) becomes grey \(1\)"):
            read_frames(path, np.arange(2), channels=3)


def deep(folder):
    Image.fromarray(np.zeros((4, 4), np.uint16)).save(folder / "1.png")


BAD = {
    "no such": (lambda path: None, "clip.*: there is no such file"),
    "other ending": (
        lambda path: path.write_text("x"),
        'clip.txt: a clip is a folder of images or a file .mp4|.*not ".txt"',
    ),
    "empty folder": (lambda path: path.mkdir(), "clip: has no frames"),
    "other file": (
        lambda path: (path.mkdir(), (path / "notes.txt").touch()),
        "with notes.txt in it, which is no image",
    ),
    "no image": (lambda path: (path.mkdir(), (path / "1.jpg").write_text("x")), "1.jpg is no image that Pillow knows"),
    "empty.mp4": (lambda path: path.touch(), r"empty.mp4: is no video that can be read"),
    "text.mp4": (lambda path: path.write_text("no video"), r"text.mp4: is no video that can be read"),
    "text.npz": (lambda path: path.write_text("no archive"), r"text.npz: cannot be read: File is not a zip file"),
    "float.npz": (lambda path: np.savez(path, frames=np.zeros((2, 3, 3))), r"frames must be uint8 .*found float64 \[2"),
    "two.npz": (lambda path: np.savez(path, a=np.zeros(2), b=np.zeros(2)), "has 2 arrays, none of them called frames"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_named(tmp_path, case):
    make, text = BAD[case]
    path = tmp_path / (case if "." in case else "clip.txt" if case == "other ending" else "clip")
    make(path)
    with pytest.raises(DataError, match=text):
        count_frames(path)


def test_sixteen_bits_are_refused(tmp_path):
    deep(tmp_path)
    with pytest.raises(DataError, match='1.png has pixels of the kind "I;16"; only 8 bits per channel are read'):
        read_frames(tmp_path, np.zeros(1, int))


def test_damage_behind_the_first_frame_is_found_when_it_is_read(tmp_path):
    folder = write_images(tmp_path / "clip", 3)
    cut = (folder / "00003.jpg").read_bytes()
    (folder / "00003.jpg").write_bytes(cut[: len(cut) // 2])
    assert count_frames(folder) == 3
    with pytest.raises(DataError, match="clip: 00003.jpg cannot be decoded"):
        read_frames(folder, np.arange(3))
    (folder / "00003.jpg").unlink()
    with pytest.raises(DataError, match="clip: has 2 images, asked for number 2: it has changed"):
        read_frames(folder, np.arange(3))
    with pytest.raises(DataError, match="ends before frame 5"):
        read_frames(write_video(tmp_path / "clip.mp4", 5), np.array([5]))


def test_without_pyav_videos_say_what_to_install(tmp_path, monkeypatch):
    path, real = write_video(tmp_path / "clip.mp4", 2), builtins.__import__

    def without(name, *rest):
        if name == "av":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DataError, match=r"clip.mp4: video files are decoded by PyAV, which is not installed: pip inst"):
        count_frames(path)
