"""Functions of two bytes as a sum of two products and an addend, exact for all 65,536 pairs.

TFLM brings operands to a common scale, adds, and rescales, each with roundings of its own. What comes out is nearly
always what one line gives, because all these roundings are small beside the steps of the result:

    (addend + floor(a * first / 2^8) + floor(b * second / 2^8)) >> SHIFT

The scales say where the line is within a few parts in 2^30; the rest is a search for the line that is farthest from
giving any pair another result. Whether one does is not argued but looked at, pair by pair: it is part of claim C6.
"""

from dataclasses import dataclass

import numpy as np

SHIFT = 21
"""STJ_ADD_DSP_SHIFT in the C source: results have 10 bits and a sign before they saturate."""

BYTES = np.arange(-128, 128, dtype=np.int64)
NEAR = 2**SHIFT // 256
"""Pairs within so much of the next result decide between neighbouring lines; the others are far from it."""
ENOUGH = 64
"""Room to spare, in units of 2^-SHIFT, at which the search ends."""
REACH = 2**13
"""How far slopes are varied at most, so that pairs that are not near stay far."""
GRID = np.linspace(-1, 1, 9)
ANYWHERE = np.int64(2**60)


@dataclass(frozen=True)
class Line:
    """The multipliers of both operands, and what is added."""

    first: int
    second: int
    addend: int

    def sums(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """What is shifted; nothing wraps here."""
        return self.addend + (a * self.first >> 8) + (b * self.second >> 8)

    def results(self, low: int, high: int) -> np.ndarray:
        """Of all pairs, [a, b], each in the order of BYTES."""
        return np.clip(self.sums(BYTES[:, None], BYTES[None, :]) >> SHIFT, low, high)


def fitted(wanted: np.ndarray, slopes: tuple[float, float], low: int, high: int) -> Line | None:
    """A line that gives `wanted`, [a, b], for all pairs; None where the search finds none.

    Args:
      wanted: results within [low, high], in the order of BYTES.
      slopes: about how much a result rises from one value of an operand to the next.
      low, high: where results are cut off: there, the line may lie anywhere below, or above.
    """
    first, second = (round(slope * 2 ** (SHIFT + 8)) for slope in slopes)
    if max(abs(first), abs(second)) >= 2**31:
        return None
    least, most = _ends(wanted, first, second, low, high)
    below, above = np.nonzero(least > least.max() - NEAR), np.nonzero(most < most.min() + NEAR)
    bounds = [wanted[below] << SHIFT, (wanted[above] + 1 << SHIFT) - 1]
    pairs = [(BYTES[pair[0]], BYTES[pair[1]]) for pair in (below, above)]

    def room(firsts: np.ndarray, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The least and the largest addend for each of several lines."""
        ends = []
        for bound, (a, b) in zip(bounds, pairs, strict=True):
            ends.append(bound - (firsts[:, None] * a >> 8) - (seconds[:, None] * b >> 8))
        return ends[0].max(axis=1, initial=-ANYWHERE), ends[1].min(axis=1, initial=ANYWHERE)

    # The room is a concave function of both slopes. Its ridge often lies along their own direction: where sums are
    # halves, TFLM rounds away from zero, and slightly steeper lines do so, too.
    along = np.array([first, second]) / max(1.0, np.hypot(first, second))
    across, reach, centre = np.array([-along[1], along[0]]), float(REACH), np.array([first, second], float)
    while True:
        steps = np.stack([reach * (i * along + j * across) for i in GRID for j in GRID])
        trials = np.rint(centre + steps).astype(np.int64)
        lows, highs = room(trials[:, 0], trials[:, 1])
        best = int((highs - lows).argmax())
        if highs[best] - lows[best] >= ENOUGH or reach < 1:
            break
        centre, reach = trials[best].astype(float), reach / 2
    line = Line(int(trials[best, 0]), int(trials[best, 1]), int(lows[best] + highs[best]) // 2)
    return line if np.array_equal(line.results(low, high), wanted) else None


def _ends(wanted: np.ndarray, first: int, second: int, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """For each pair the least and the largest addend that give its result."""
    sums = Line(first, second, 0).sums(BYTES[:, None], BYTES[None, :])
    least = np.where(wanted > low, (wanted << SHIFT) - sums, -ANYWHERE)
    most = np.where(wanted < high, (wanted + 1 << SHIFT) - 1 - sums, ANYWHERE)
    return least, most
