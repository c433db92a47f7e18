"""Intervals of the integers that kernels compute on the way to a result. Exact: Python and int64, nothing wraps here.

Every interval starts from what the operands can hold (`Stored`) and the model's own constants, per output channel. It
holds for every order in which a kernel may add: a partial sum lies between the sum of all its negative terms and the
sum of all its positive ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from verify.graph.tensor import DType
from verify.ops.requantize import INT32_MAX, INT32_MIN, requantize

Stored = tuple[int, int]  # lowest and highest stored value of a tensor

INT32: Stored = (INT32_MIN, INT32_MAX)
MULTIPLIER = INT32
SHIFT: Stored = (-31, 30)  # of stj_requantize: beyond these, C leaves the result of a shift open
_FAR = 2**32  # already outside int32; keeps a left shift by up to 30 within int64


@dataclass(frozen=True, eq=False)
class Intermediate:
    """One intermediate of an operator: [low[i], high[i]] in output channel channels[i] must lie within `bounds`.

    Channels in which any value would do are left out (a multiplier of 0 gives the same result for all of them).
    """

    what: str
    channels: np.ndarray
    low: np.ndarray
    high: np.ndarray
    bounds: Stored = INT32


def intermediate(what: str, low: object, high: object, bounds: Stored = INT32) -> Intermediate:
    """An intermediate of all channels: `low` and `high` are integers or arrays, one entry per channel."""
    lows, highs = np.atleast_1d(np.asarray(low, np.int64)), np.atleast_1d(np.asarray(high, np.int64))
    lows, highs = np.broadcast_arrays(lows, highs)
    return Intermediate(what, np.arange(lows.size), lows, highs, bounds)


def stored_range(dtype: DType) -> Stored:
    """All values of an integer type; floats have no stored integers, their kernels no accumulators."""
    if dtype in (DType.FLOAT32, DType.BOOL):
        return 0, int(dtype is DType.BOOL)
    info = np.iinfo(dtype.numpy)
    return int(info.min), int(info.max)


def hull(values: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, ...]:
    """The interval of a function that rises or falls throughout, from its two ends."""
    ends = values(low), values(high)
    return np.minimum(*ends), np.maximum(*ends)


def rescaled(
    what: str, low: object, high: object, multiplier: object, shift: object, zero_point: int
) -> tuple[Intermediate, ...]:
    """What stj_requantize computes from accumulators in [low, high]: the left shift, the result with its zero point.

    Channels with multiplier 0 are left out: their result is the zero point, whatever the accumulator holds.
    """
    columns = (np.atleast_1d(np.asarray(x, np.int64)) for x in (low, high, multiplier, shift))
    lows, highs, m, s = np.broadcast_arrays(*columns)
    live = np.flatnonzero(m != 0)
    parameters = (
        intermediate(f"multiplier of the {what}", m, m, MULTIPLIER),
        intermediate(f"shift of the {what}", s, s, SHIFT),
    )
    lows, highs, m, s = (column[live] for column in (lows, highs, m, s))
    left = np.clip(s, 0, 30)
    shifted = [np.clip(x, -_FAR, _FAR) << left for x in (lows, highs)]
    # Where an end has left int32 the claim fails already; the image of the clipped end keeps the numbers meaningful.
    ends = [np.clip(x, *INT32) for x in (lows, highs)]
    image = hull(lambda x: requantize(x, m, np.clip(s, *SHIFT)) + zero_point, *ends)
    return (
        *parameters,
        Intermediate(what, live, lows, highs),
        Intermediate(f"{what} after its left shift", live, shifted[0], shifted[1]),
        Intermediate(f"rescaled {what} plus zero point {zero_point}", live, image[0], image[1]),
    )


def sums_of_products(weights: np.ndarray, zero_point: int, stored: Stored) -> tuple[np.ndarray, np.ndarray]:
    """Interval, per channel, of every partial sum of (x - zero_point) * w, in any order, left-out taps included.

    Args:
      weights: [channels, taps], any integer type.
      zero_point: of the input; a padded or left-out tap adds 0.
      stored: what the input can hold.
    """
    w = weights.astype(np.int64)
    positive, negative = np.maximum(w, 0).sum(axis=1), np.minimum(w, 0).sum(axis=1)
    up, down = max(stored[1] - zero_point, 0), min(stored[0] - zero_point, 0)
    return positive * down + negative * up, positive * up + negative * down
