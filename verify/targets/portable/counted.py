"""What convolutions in plain C have to do, in the words of their loops: which windows lie wholly on the image."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from verify.ops.geometry import ImageWindow


@dataclass(frozen=True)
class Windows:
    """Of a call for some rows and columns, on the average over where they may lie.

    Args:
      positions: results.
      whole: of them, those with all taps on the image.
      pairs: most pairs of these side by side, none of which shares a result with another.
      taps: of a window.
      there: taps on the image, of all windows.
      rows_there: rows of taps that have some on the image, of all windows.
    """

    positions: float
    whole: float
    pairs: float
    taps: int
    there: float
    rows_there: float

    @classmethod
    def of(cls, g: ImageWindow, rows: int, columns: int | None) -> Self:
        width = g.output_shape[2]
        count = width if columns is None else columns
        there = [_there(g, axis) for axis in (0, 1)]
        inside = [float((x == k).mean()) for x, k in zip(there, g.kernel, strict=True)]
        wide = inside[1] * count
        pairs = float(round(wide) // 2) if count == width else min(wide / 2, count // 2)
        # Windows without a tap in a row of the image have no rows of taps either.
        tall = float(there[0].mean()) * rows
        return cls(
            rows * count,
            inside[0] * rows * wide,
            inside[0] * rows * pairs,
            g.kernel[0] * g.kernel[1],
            tall * float(there[1].mean()) * count,
            tall * count,
        )


def _there(g: ImageWindow, axis: int) -> np.ndarray:
    """Taps on the image along height (0) or width (1), per result of an image."""
    starts = np.arange(g.output_shape[1 + axis]) * g.stride[axis] - (g.top, g.left)[axis]
    places = starts[:, None] + g.dilation[axis] * np.arange(g.kernel[axis])
    return ((places >= 0) & (places < g.input_shape[1 + axis])).sum(axis=1)


def convolution_work(w: Windows, kernel_h: int, depth: int, channels: int) -> dict[str, float]:
    """Of a convolution of `depth` inputs for each of `channels` results: pairs of positions, and those left over."""
    blocks, ones = -(-channels // 4), w.positions - 2 * w.pairs
    return {
        "pair": w.pairs,
        "one": ones,
        "block of a pair": w.pairs * blocks,
        "row of a pair": w.pairs * blocks * kernel_h,
        "product of a pair": w.pairs * blocks * w.taps * depth,
        "block of one": ones * blocks,
        "row of one": (w.rows_there - 2 * w.pairs * kernel_h) * blocks,
        "product of one": (w.there - 2 * w.pairs * w.taps) * blocks * depth,
        "value": w.positions * channels,
    }


def depthwise_work(w: Windows, kernel_h: int, channels: int, by_fours: int) -> dict[str, float]:
    """Of a depthwise convolution, whole windows and clipped ones: so many channels by fours, the others one by one.

    Sums are rescaled by sixteens."""
    clipped, groups, single = w.positions - w.whole, -(-by_fours // 4), channels - by_fours
    return {
        "position": w.positions,
        "clipped": clipped,
        "row of taps": w.rows_there,
        "chunk": w.positions * -(-channels // 16),
        "group": w.whole * groups,
        "row of a group": w.whole * groups * kernel_h,
        "tap": w.whole * groups * w.taps,
        "clipped group": clipped * groups,
        "row of a clipped group": (w.rows_there - w.whole * kernel_h) * groups,
        "clipped tap": (w.there - w.whole * w.taps) * groups,
        "single": w.positions * single,
        "row of a single": w.rows_there * single,
        "tap of a single": w.there * single,
        "value": w.positions * channels,
    }
