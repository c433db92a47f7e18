"""Results of a channel as steps: where they rise, and addends with which another product has them rise there.

A result that a kernel computes as (addend + product) >> shift, from a product that rises with the accumulator, depends
on the addend only through where it rises from one value to the next. Each of these steps leaves the addend an interval.
If they have one in common, every accumulator within the range gives the same result, however coarse the product is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

Rising = Callable[[np.ndarray], np.ndarray]
"""A function of accumulators that never falls; int64 to int64."""

FAR = 2**62
"""Beyond every sum: an end that no step sets."""


@dataclass(frozen=True, eq=False)
class Steps:
    """What the results are while the accumulator goes through an interval; three arrays of the same length.

    Args:
      values: from the lowest result to the highest, those that are skipped included.
      first: of each value the least accumulator whose result is no lower.
      last: of each value the greatest accumulator whose result is no higher.
    """

    values: np.ndarray
    first: np.ndarray
    last: np.ndarray

    @classmethod
    def of(cls, result: Rising, low: int, high: int) -> Self:
        """Those of accumulators in [low, high]."""
        lowest, highest = (int(result(np.array(end))) for end in (low, high))
        values = np.arange(lowest, highest + 1)
        below, reached = np.full(len(values) - 1, low), np.full(len(values) - 1, high)
        while (reached - below > 1).any():  # result(below) < value <= result(reached)
            middle = (below + reached) // 2
            enough = result(middle) >= values[1:]
            below, reached = np.where(enough, below, middle), np.where(enough, middle, reached)
        return cls(values, np.concatenate([[low], reached]), np.concatenate([reached - 1, [high]]))

    @property
    def telling(self) -> np.ndarray:
        """Accumulators at which another function that never falls must give the results to do so everywhere."""
        return np.concatenate([self.first, self.last])

    def room(self, product: Rising, shift: int, clamped: tuple[int, int]) -> tuple[int, int]:
        """The least and the greatest addend with which (addend + product) >> shift, clamped, is the result everywhere.

        There is none if the least is above the greatest. Ends that nothing sets are -FAR and FAR.
        """
        at_least = (self.values << shift) - product(self.first)
        at_most = (self.values + 1 << shift) - 1 - product(self.last)
        least = at_least[self.values > clamped[0]].max(initial=-FAR)
        return int(least), int(at_most[self.values < clamped[1]].min(initial=FAR))


def addend_in(room: tuple[int, int]) -> int | None:
    """An addend of this room; None where there is none."""
    least, most = room
    if least > most:
        return None
    return least if least > -FAR else most if most < FAR else 0
