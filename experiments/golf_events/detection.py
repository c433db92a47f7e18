"""Events in a stream without end: what is reported while it runs, what of it is right, and what is a false alarm.

An event of class k is reported at a frame where the class's probability is at least a threshold and the largest within
`APART` frames on either side, so it is known `APART` frames later. A report is right if a true event of its class lies
at most a tolerance away; each event is found once, and every other report is a false alarm.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

APART = 9
"""Frames; about a second of fir16."""


@dataclass(frozen=True)
class Counts:
    """What became of reports and events of one class or of several.

    Args:
      found: true events that were reported.
      missed: true events that were not.
      false: reports without an event.
    """

    found: int
    missed: int
    false: int

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.found + other.found, self.missed + other.missed, self.false + other.false)

    @property
    def recall(self) -> float:
        """NaN without events."""
        return self.found / (self.found + self.missed) if self.found + self.missed else float("nan")

    @property
    def precision(self) -> float:
        """NaN without reports."""
        return self.found / (self.found + self.false) if self.found + self.false else float("nan")

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 where nothing was found."""
        return 2 * self.found / max(1, 2 * self.found + self.missed + self.false)


def reports(probability: Float[np.ndarray, " frames"], threshold: float) -> Int64[np.ndarray, " reports"]:
    """Frames at which an event is reported; of equal probabilities close to each other the first."""
    found: list[int] = []
    for t in np.flatnonzero(probability >= threshold).tolist():
        around = probability[max(0, t - APART) : t + APART + 1]
        if probability[t] == around.max() and not (found and t - found[-1] <= APART):
            found.append(t)
    return np.array(found, np.int64)


def counted(found: Int64[np.ndarray, " reports"], true: Int64[np.ndarray, " events"], allowed: int) -> Counts:
    """Matches reports with events of the same class, each with the nearest that is left, in order of the events."""
    left = found.tolist()
    hits = 0
    for event in np.sort(true).tolist():
        near = [report for report in left if abs(report - event) <= allowed]
        if near:
            left.remove(min(near, key=lambda report: abs(report - event)))
            hits += 1
    return Counts(hits, len(true) - hits, len(left))
