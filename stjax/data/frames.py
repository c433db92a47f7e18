"""Operations on the frames of one clip, and how pixels become numbers. Clips are uint8 `time height width channels`.

A pixel p in 0 .. 255 is the real number p / 255. As int8 it is p - 128, with scale 1/255 and zero point -128, so an
int8 network reads the sensor's bytes by flipping one bit, and training sees exactly the numbers that it stands for.
"""

from typing import Any

import numpy as np
from jaxtyping import Int8, UInt8
from PIL import Image

Clip = UInt8[np.ndarray, "time height width channels"]
ResizedClip = UInt8[np.ndarray, "time new_height new_width channels"]

INPUT_SCALE = np.float32(1 / 255)
INPUT_ZERO_POINT = -128


def to_real(pixels: Any) -> Any:
    """float32 in [0, 1] from uint8 pixels of any shape; NumPy and JAX arrays alike."""
    return pixels.astype(np.float32) * INPUT_SCALE


def to_int8(pixels: UInt8[np.ndarray, "..."]) -> Int8[np.ndarray, "..."]:
    """What an int8 network with INPUT_SCALE and INPUT_ZERO_POINT takes for these pixels."""
    return (pixels ^ np.uint8(128)).view(np.int8)


def flip_horizontal(clip: Clip) -> Clip:
    return clip[:, :, ::-1]


def flip_vertical(clip: Clip) -> Clip:
    return clip[:, ::-1]


def transpose(clip: Clip) -> Clip:
    """Rows become columns.

    Raises:
      ValueError: if frames are not square: the result would have another shape.
    """
    if clip.shape[1] != clip.shape[2]:
        raise ValueError(f"frames of {clip.shape[1]} x {clip.shape[2]} cannot be transposed: they must be square")
    return clip.transpose(0, 2, 1, 3)


def shift(clip: Clip, rows: int, columns: int) -> Clip:
    """Moves the picture down and to the right (negative: up and left); what comes in is 0."""
    moved = np.zeros_like(clip)
    height, width = clip.shape[1:3]
    if abs(rows) < height and abs(columns) < width:
        to_rows, from_rows = _overlap(rows, height)
        to_columns, from_columns = _overlap(columns, width)
        moved[:, to_rows, to_columns] = clip[:, from_rows, from_columns]
    return moved


def _overlap(distance: int, length: int) -> tuple[slice, slice]:
    low, high = max(distance, 0), length + min(distance, 0)
    return slice(low, high), slice(low - distance, high - distance)


def crop(clip: Clip, top: int, left: int, height: int, width: int) -> ResizedClip:
    """A part of each frame.

    Raises:
      ValueError: if the part does not lie in the frame.
    """
    if not (0 <= top <= clip.shape[1] - height and 0 <= left <= clip.shape[2] - width):
        raise ValueError(
            f"a crop of {height} x {width} at row {top}, column {left} does not lie in frames of "
            f"{clip.shape[1]} x {clip.shape[2]}"
        )
    return clip[:, top : top + height, left : left + width]


def scale_grey(clip: Clip, gain: float) -> Clip:
    """Multiplies each pixel, rounds and saturates."""
    return np.clip(np.rint(clip * np.float32(gain)), 0, 255).astype(np.uint8)


def resize(clip: Clip, height: int, width: int) -> ResizedClip:
    """Linear interpolation between pixel centres; when it shrinks, each pixel averages over what it replaces.

    Pillow's arithmetic: rows first, then columns, with a rounding to 8 bits in between.
    """
    if clip.shape[1:3] == (height, width):
        return clip
    channels = clip.shape[3]
    if channels in (1, 3):
        return np.stack([_resized(frame[..., 0] if channels == 1 else frame, height, width) for frame in clip])
    return np.concatenate([resize(clip[..., c : c + 1], height, width) for c in range(channels)], axis=-1)


def _resized(frame: np.ndarray, height: int, width: int) -> np.ndarray:
    image = Image.fromarray(np.ascontiguousarray(frame)).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image).reshape(height, width, -1)


def to_channels(clip: Clip, channels: int) -> UInt8[np.ndarray, "time height width new_channels"]:
    """Colour as grey, by the luma of ITU-R 601: (19595 R + 38470 G + 7471 B + 32768) // 65536.

    Raises:
      ValueError: if the clip has neither as many channels nor three to make one of.
    """
    found = clip.shape[3]
    if found == channels:
        return clip
    if (found, channels) != (3, 1):
        raise ValueError(
            f"frames have {found} channels, and `channels` is {channels}: only colour (3) becomes grey (1)"
        )
    weighted = clip.astype(np.uint32) @ np.array([19595, 38470, 7471], np.uint32)
    return ((weighted + 32768) >> 16).astype(np.uint8)[..., None]
