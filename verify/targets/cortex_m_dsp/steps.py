"""Results of a channel as steps: where they rise, and an addend with which a coarser multiplier has them rise there.

A result that a kernel computes as (addend + product) >> shift, from a product that rises with the accumulator, depends
on the addend only through where it rises from one value to the next. Each of these steps leaves the addend an interval.
If they have one in common, every accumulator within the range gives the same result, however coarse the product is.
"""

from collections.abc import Callable

import numpy as np

Rising = Callable[[np.ndarray], np.ndarray]
"""A function of accumulators that never falls; int64 to int64."""


def first_where(result: Rising, values: np.ndarray, low: int, high: int) -> np.ndarray:
    """The least accumulators in [low, high] whose result is at least each of `values`, all of which are reached."""
    below, reached = np.full(values.shape, low - 1), np.full(values.shape, high)
    while (reached - below > 1).any():
        middle = (below + reached) // 2
        enough = result(np.maximum(middle, low)) >= values
        enough &= middle >= low
        below, reached = np.where(enough, below, middle), np.where(enough, middle, reached)
    return reached


def telling(result: Rising, low: int, high: int) -> np.ndarray:
    """Accumulators of [low, high] at which another function that never falls must equal `result` to do so everywhere:
    on both sides of each step, and the ends."""
    first, last = (int(result(np.array(end))) for end in (low, high))
    rises = first_where(result, np.arange(first + 1, last + 1), low, high)
    return np.concatenate([[low], rises - 1, rises, [high]])


def addend_of(
    result: Rising, product: Rising, shift: int, accumulators: tuple[int, int], clamped: tuple[int, int]
) -> int | None:
    """An addend with which (addend + product) >> shift, clamped, is `result` for all accumulators of an interval.

    Args:
      result: what is wanted, within `clamped`.
      product: what the kernel adds the addend to.
      shift: to the right.
      accumulators: the first and the last.
      clamped: the least and the greatest result.

    Returns:
      None where there is none.
    """
    low, high = accumulators
    first, last = (int(result(np.array(end))) for end in accumulators)
    steps = np.arange(first + 1, last + 1)
    rises = first_where(result, steps, low, high)
    least = [*((steps << shift) - product(rises)).tolist()]
    most = [*((steps << shift) - product(rises - 1) - 1).tolist()]
    if first > clamped[0]:
        least.append((first << shift) - int(product(np.array(low))))
    if last < clamped[1]:
        most.append((last + 1 << shift) - 1 - int(product(np.array(high))))
    if not least:
        return min(most) if most else 0
    return max(least) if not most or max(least) <= min(most) else None
