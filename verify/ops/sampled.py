"""Windows of operators whose result positions read an interval each, by a rule of their own: resizing.

Such an interval moves on by a fraction of a position. The window that says so exactly is sought, not derived: what it
reads of the operand, clipped to it, is compared at every result position.
"""

import functools

import numpy as np

from verify.graph.window import Window

MOST_UPSAMPLED = 1024
"""Denominators that are tried: that of TFLM's fixed point, and those below it."""


@functools.lru_cache(maxsize=2**10)
def window_of(first: tuple[int, ...], end: tuple[int, ...], extent: int) -> Window | None:
    """The window of the least `upsample` that reads positions [first[y], end[y]) of `extent`; None where none does.

    Both ends must not fall with y; no interval is empty.
    """
    firsts, ends = np.array(first), np.array(end)
    if len(first) == 1:
        return Window(kernel=end[0] - first[0], pad_before=-first[0])
    if not (_even(firsts[firsts > 0]) and _even(ends[ends < extent])):
        return None
    for upsample in range(1, MOST_UPSAMPLED + 1):
        for stride in _strides(firsts, ends, upsample):
            window = _fitted(firsts, ends, extent, stride, upsample)
            if window is not None:
                return window
    return None


def _even(values: np.ndarray) -> bool:
    """Whether any k steps lead on by the same or by one more, as they do along floors of a straight line."""
    return all(np.ptp(values[k:] - values[:-k]) <= 1 for k in range(1, len(values)))


def _strides(firsts: np.ndarray, ends: np.ndarray, upsample: int) -> range:
    """Strides that lead from the first result's interval to the last one's, give or take what the ends leave open."""
    steps = len(firsts) - 1
    least = min(int(firsts[-1] - firsts[0]), int(ends[-1] - ends[0])) * upsample
    most = max(int(firsts[-1] - firsts[0]), int(ends[-1] - ends[0])) * upsample
    return range(max(1, (least - upsample) // steps), (most + upsample) // steps + 2)


def _fitted(firsts: np.ndarray, ends: np.ndarray, extent: int, stride: int, upsample: int) -> Window | None:
    """The window of this stride, if numbers subtracted before the division exist that give both ends."""
    at = np.arange(len(firsts)) * stride
    # first <= (at - pad) / upsample < first + 1; what lies before the operand may be anywhere before it.
    inner = firsts > 0
    high = np.where(inner, at - firsts * upsample, np.iinfo(np.int64).max).min()
    low = (at - (firsts + 1) * upsample + 1).max()
    if low > high:
        return None
    # The same of the ends, which lie `reach` further on.
    inner = ends < extent
    high_end = (at - ends * upsample).min()
    low_end = np.where(inner, at - (ends + 1) * upsample + 1, np.iinfo(np.int64).min).max()
    if low_end > high_end:
        return None
    for pad in {int(low), int(min(high, low + upsample))}:
        for reach in range(1, int((ends - firsts).max()) + 2):
            # (at - pad - short) / upsample + reach: short + pad - reach * upsample in [low_end, high_end]
            short = max(0, int(max(low_end, -(2**40))) + reach * upsample - pad)
            if short < upsample and short + pad - reach * upsample <= high_end:
                return Window(reach, stride, 1, pad, upsample, short)
    return None
