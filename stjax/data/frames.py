"""Operations on the frames of one clip, and how pixels become numbers. Clips are uint8 `time height width channels`.

A pixel p in 0 .. 255 is the real number p / 255. As int8 it is p - 128, with scale 1/255 and zero point -128, so an
int8 network reads the sensor's bytes by flipping one bit, and training sees exactly the numbers that it stands for.
"""

from typing import Any

import numpy as np
from jaxtyping import Float64, Int8, UInt8

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
    """Linear interpolation between pixel centres; when it shrinks, each pixel averages over what it replaces."""
    if clip.shape[1:3] == (height, width):
        return clip
    rows, columns = resize_weights(clip.shape[1], height), resize_weights(clip.shape[2], width)
    resized = np.einsum("yh,thwc,xw->tyxc", rows, clip, columns, optimize=True)
    return np.clip(np.rint(resized), 0, 255).astype(np.uint8)


def resize_weights(length: int, new: int) -> Float64[np.ndarray, "new length"]:
    """How much each old pixel counts in each new one: a triangle as wide as the coarser of the two grids."""
    ratio = length / new
    centres = (np.arange(new) + 0.5) * ratio - 0.5
    distance = np.abs(centres[:, None] - np.arange(length)) / max(ratio, 1.0)
    weights = np.maximum(1 - distance, 0)
    return weights / weights.sum(1, keepdims=True)
