"""Camera lines in numpy: what embedded/feed/stj_camera.c makes of them, bit for bit, and pictures as such lines.

The formulas stand in stj_camera.h. Whole frames here, one line at a time there; a frame is uint8, [height, line bytes].
"""

from dataclasses import dataclass

import numpy as np

GREY8, RGB565_BE, RGB565_LE, YUYV = "grey8", "rgb565be", "rgb565le", "yuyv"
BAYER = {"rggb": (0, 0), "grbg": (1, 0), "gbrg": (0, 1), "bggr": (1, 1)}
"""Order of a Bayer sensor -> column and line, modulo 2, of its red pixels."""
FORMATS = (GREY8, RGB565_BE, RGB565_LE, YUYV, *BAYER)
"""In the order of stj_pixel_format."""


@dataclass(frozen=True)
class Camera:
    """What a camera sends, and what a model wants of it; the same as the C struct stj_camera.

    Args:
      format: one of FORMATS.
      width, height: of the camera's frame, in pixels.
      left, top, step: the model sees every step-th pixel of every step-th line from there on.
      columns, rows, channels: of the model's input.
    """

    format: str
    width: int
    height: int
    left: int
    top: int
    step: int
    columns: int
    rows: int
    channels: int

    @property
    def line_bytes(self) -> int:
        return self.width * (1 if self.format in (GREY8, *BAYER) else 2)

    @property
    def row_bytes(self) -> int:
        return self.columns * self.channels

    @property
    def kept_bytes(self) -> int:
        """Of the line before."""
        return (self.columns - 1) * min(self.step, 2) + 2 if self.format in BAYER else 0


def to_rows(camera: Camera, frame: np.ndarray, tables: np.ndarray) -> np.ndarray:
    """The model's input as bytes, [rows, columns, channels], of a frame.

    Args:
      tables: uint8, [3, 256], what the model has for 0 .. 255 in each channel.
    """
    y = camera.top + camera.step * np.arange(camera.rows)[:, None]
    x = camera.left + camera.step * np.arange(camera.columns)[None, :]
    if camera.channels == 1:
        return tables[0][_grey(camera.format, frame.astype(np.int32), y, x)][..., None]
    colours = _colours(camera.format, frame.astype(np.int32), y, x)
    return np.stack([tables[k][colours[..., k]] for k in range(3)], -1)


def grey_of(colours: np.ndarray) -> np.ndarray:
    """8-bit grey of 8-bit colours, [..., 3]."""
    return (colours.astype(np.int32) @ np.array([77, 150, 29], np.int32) + 128) >> 8


def _grey(kind: str, raw: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    if kind in (GREY8, YUYV):
        return raw[y, x if kind == GREY8 else 2 * x]
    return grey_of(_colours(kind, raw, y, x))


def _colours(kind: str, raw: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    if kind == GREY8:
        return np.stack([raw[y, x]] * 3, -1)
    if kind in (RGB565_BE, RGB565_LE):
        first, second = raw[y, 2 * x], raw[y, 2 * x + 1]
        word = first * 256 + second if kind == RGB565_BE else second * 256 + first
        red, green, blue = word >> 11, word >> 5 & 63, word & 31
        return np.stack([red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2], -1)
    if kind == YUYV:
        luma, u, v = 256 * raw[y, 2 * x] + 128, raw[y, x // 2 * 4 + 1] - 128, raw[y, x // 2 * 4 + 3] - 128
        return np.clip(np.stack([luma + 359 * v, luma - 88 * u - 183 * v, luma + 454 * u], -1) >> 8, 0, 255)
    return _of_bayer(raw, y, x, *BAYER[kind])


def _of_bayer(raw: np.ndarray, y: np.ndarray, x: np.ndarray, red_column: int, red_line: int) -> np.ndarray:
    """Colours from the four samples up to a pixel: each site gives what its own colour is."""
    sums = np.zeros((y.shape[0], x.shape[1], 3), np.int32)
    for line in (y - 1, y):
        for column in (x - 1, x):
            is_red = (column % 2 == red_column) & (line % 2 == red_line)
            is_blue = (column % 2 != red_column) & (line % 2 != red_line)
            sums += raw[line, column][..., None] * np.stack([is_red, ~(is_red | is_blue), is_blue], -1)
    return np.stack([sums[..., 0], (sums[..., 1] + 1) >> 1, sums[..., 2]], -1)


def to_lines(kind: str, picture: np.ndarray) -> np.ndarray:
    """A picture, uint8 [height, width, 3], as a sensor of this format sends it: uint8, [height, line bytes]."""
    wide = picture.astype(np.int32)
    height, width = wide.shape[:2]
    red, green, blue = wide[..., 0], wide[..., 1], wide[..., 2]
    if kind == GREY8:
        return grey_of(wide).astype(np.uint8)
    if kind in (RGB565_BE, RGB565_LE):
        word = (red >> 3) << 11 | (green >> 2) << 5 | blue >> 3
        pair = (word >> 8, word & 255) if kind == RGB565_BE else (word & 255, word >> 8)
        return np.stack(pair, -1).astype(np.uint8).reshape(height, 2 * width)
    if kind == YUYV:
        pairs = wide.reshape(height, width // 2, 2, 3).sum(2)  # the colour of a pair is its pixels' mean
        u = pairs @ np.array([-43, -85, 128]) // 512 + 128
        v = pairs @ np.array([128, -107, -21]) // 512 + 128
        luma = grey_of(wide)
        quads = np.stack([luma[:, 0::2], u, luma[:, 1::2], v], -1)
        return np.clip(quads, 0, 255).astype(np.uint8).reshape(height, 2 * width)
    red_column, red_line = BAYER[kind]
    y, x = np.mgrid[:height, :width]
    blue_or_green = np.where((x % 2 != red_column) & (y % 2 != red_line), blue, green)
    return np.where((x % 2 == red_column) & (y % 2 == red_line), red, blue_or_green).astype(np.uint8)
