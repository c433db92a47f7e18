"""Clips as they lie on disk, counted and decoded frame by frame: folders of images, video files, arrays.

    <clip>/ of .jpg .jpeg .png .bmp      one image per frame; numbers in names count as numbers: 2.jpg before 10.jpg
    <clip>.mp4 .avi .mov .mkv .webm      decoded by PyAV
    <clip>.npz                           `frames`, or the only array: uint8 [time, height, width] or [..., channels]

Frames come as uint8 `time height width channels`, one channel for grey and three for colour.
"""

import os
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from jaxtyping import UInt8
from PIL import Image, UnidentifiedImageError

from stjax.data import frames, video
from stjax.data.errors import DataError

IMAGES = (".bmp", ".jpeg", ".jpg", ".png")
VIDEOS = (".avi", ".mkv", ".mov", ".mp4", ".webm")
ARRAYS = (".npz",)
ENDINGS = (*VIDEOS, *ARRAYS)
"""Of files that are clips; a folder is one if it holds images."""

# What Pillow calls its modes. Sixteen bits and floats are left out: nobody says which range of them is the picture.
_GREY, _COLOUR = ("1", "L", "LA"), ("P", "RGB", "RGBA", "CMYK", "YCbCr")

Size = tuple[int, int] | None
Decoded = UInt8[np.ndarray, "time height width channels"]


@dataclass(frozen=True)
class _Kind:
    """How clips of one kind are counted and decoded; both raise DataError, OSError or ValueError where they cannot."""

    count: Callable[[Path], int]
    read: Callable[[Path, np.ndarray, Size, int | None], Decoded]


def count_frames(path: Path) -> int:
    """Frames of a clip; looks at no more of it than is needed.

    Raises:
      DataError: if it cannot be read, or has no frames; names it.
    """
    frames_found = _guarded(path, lambda: _kind(path).count(path))
    if not frames_found:
        raise DataError(f"{path}: has no frames")
    return frames_found


def read_frames(path: Path, numbers: np.ndarray, size: Size = None, channels: int | None = None) -> Decoded:
    """Those frames of a clip, in the given order.

    Args:
      path: of the clip.
      numbers: frame numbers from 0.
      size: (height, width) to resize frames to. JPEGs at least twice as large are decoded at a half, quarter or eighth.
      channels: 1 or 3; None: as the file has it.

    Raises:
      DataError: if frames cannot be decoded or differ in size; names what it is about.
    """
    return _guarded(path, lambda: _kind(path).read(path, numbers, size, channels))


def _guarded(path: Path, read: Callable):
    try:
        return read()
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise DataError(f"{path}: cannot be read: {reason}") from None


def _kind(path: Path) -> _Kind:
    ending = path.suffix.lower()
    if not path.exists():
        raise DataError("there is no such file or folder")
    if path.is_dir():
        return _Kind(_count_images, _read_images)
    if ending in VIDEOS:
        return _Kind(video.count_frames, _read_video)
    if ending in ARRAYS:
        return _Kind(lambda path: _array_shape(path)[0], _read_array)
    raise DataError(f'a clip is a folder of images or a file {", ".join(ENDINGS)}, not "{ending}"')


def image_names(folder: Path) -> list[str]:
    """Names of the images in a folder, in the order of frames. Hidden files do not count."""
    names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    endings = {os.path.splitext(name)[1] for name in names}
    if any(ending.lower() not in IMAGES for ending in endings):
        other = next(name for name in names if not name.lower().endswith(IMAGES))
        raise DataError(f"is a folder with {other} in it, which is no image ({', '.join(IMAGES)})")
    padded = len(endings) == 1 and len({len(name) for name in names}) == 1 and all(map(_is_number, names))
    return names if padded else sorted(names, key=_natural)


def _is_number(name: str) -> bool:
    return name[: name.rindex(".")].isdigit()


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def _count_images(folder: Path) -> int:
    names = image_names(folder)
    if names:
        _check_header(folder / names[0])
    return len(names)


def _check_header(path: Path) -> None:
    try:
        Image.open(path).close()
    except UnidentifiedImageError:
        raise DataError(f"{path.name} is no image that Pillow knows") from None


def _read_images(folder: Path, numbers: np.ndarray, size: Size, channels: int | None) -> Decoded:
    names = image_names(folder)
    return stacked(
        numbers, names, lambda number: read_image(os.path.join(folder, names[number]), names[number], size, channels)
    )


def read_image(
    file: str | BinaryIO, name: str, size: Size, channels: int | None
) -> UInt8[np.ndarray, "height width channels"]:
    """One image; `size` and `channels` as for `read_frames`, `name` for errors."""
    try:
        with Image.open(file) as image:
            return _pixels(image, name, size, channels)
    except UnidentifiedImageError:
        raise DataError(f"{name} is no image that Pillow knows") from None
    except (OSError, SyntaxError, ValueError) as error:  # SyntaxError: what Pillow calls damaged PNGs
        raise DataError(f"{name} cannot be decoded: {error}") from None


def _pixels(image: Image.Image, name: str, size: Size, channels: int | None) -> np.ndarray:
    if image.mode not in (*_GREY, *_COLOUR):
        raise DataError(f'{name} has pixels of the kind "{image.mode}"; only 8 bits per channel are read')
    found = 1 if image.mode in _GREY else 3
    if channels == 3 and found == 1:
        raise DataError(f"{name} is grey, and `channels` is 3: only colour (3) becomes grey (1)")
    mode = "L" if (channels or found) == 1 else "RGB"
    wanted = image.size if size is None else size[::-1]
    # JPEG decoders leave out colours that nobody wants, and scale down by powers of two for next to nothing.
    image.draft(mode, wanted)
    pixels = image if image.mode == mode else image.convert(mode)
    if pixels.size != wanted:
        pixels = pixels.resize(wanted, Image.Resampling.BILINEAR)
    return np.asarray(pixels).reshape(*pixels.size[::-1], -1)


def stacked(
    numbers: np.ndarray, names: Sequence[str], read: Callable[[int], UInt8[np.ndarray, "height width channels"]]
) -> Decoded:
    """Frames in the given order, each read once.

    Raises:
      DataError: if there are too few, or they differ in size or channels.
    """
    decoded: dict[int, np.ndarray] = {}
    for number in np.unique(numbers).tolist():
        if number >= len(names):
            raise DataError(f"has {len(names)} images, asked for number {number}: it has changed since it was counted")
        decoded[number] = read(number)
        first = next(iter(decoded.values()))
        if decoded[number].shape != first.shape:
            raise DataError(
                f"{names[number]} is {_described(decoded[number])}, an image before it {_described(first)}; "
                "PipelineConfig(size=(height, width), channels=1) makes them alike"
            )
    return np.stack([decoded[number] for number in numbers.tolist()])


def _described(image: np.ndarray) -> str:
    height, width, channels = image.shape
    return f"{height} x {width} pixels of {channels} channels"


def _read_video(path: Path, numbers: np.ndarray, size: Size, channels: int | None) -> Decoded:
    return _fitted(video.read_frames(path, numbers, grey=channels == 1), size, channels)


def _read_array(path: Path, numbers: np.ndarray, size: Size, channels: int | None) -> Decoded:
    with np.load(path, allow_pickle=False) as archive:
        array = archive[_array_name(archive.files)]
    return _fitted((array if array.ndim == 4 else array[..., None])[numbers], size, channels)


def _fitted(clip: Decoded, size: Size, channels: int | None) -> Decoded:
    clip = clip if channels is None else frames.to_channels(clip, channels)
    return clip if size is None else frames.resize(clip, *size)


def _array_shape(path: Path) -> tuple[int, ...]:
    """From the header in the archive, without its contents."""
    with zipfile.ZipFile(path) as archive:
        name = _array_name([name.removesuffix(".npy") for name in archive.namelist()])
        with archive.open(f"{name}.npy") as member:
            version = np.lib.format.read_magic(member)
            reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = reader(member)
    if dtype != np.uint8 or len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3)):
        raise DataError(f"{name} must be uint8 [time, height, width] or [..., 1 or 3], found {dtype} {list(shape)}")
    return shape


def _array_name(names: list[str]) -> str:
    if "frames" in names:
        return "frames"
    if len(names) != 1:
        raise DataError(f"has {len(names)} arrays, none of them called frames")
    return names[0]
