"""How Helium kernels rescale accumulators, and when that is exact. embedded/include/stj_mve.h has the arithmetic.

Four lanes take one multiplication with rounding, one shift with rounding, and, where halves of the second rounding must
go away from zero, one instruction in between. That one needs a right shift by 2 or more and a product below 2^30. A
layer whose lowest output is its zero point does without: whatever is negative gives that output.
"""

from dataclasses import replace

import numpy as np

from verify.ops.arithmetic import Intermediate, Stored, sums_of_products
from verify.ops.weights import Rescale

HALVES_BOUNDS: Stored = (-(2**30) + 1, 2**30 - 1)


def per_channel(rescale: Rescale, channels: int) -> Rescale:
    """The same with one entry per channel, where there is one for all."""
    multiplier, shift = (np.broadcast_to(values, (channels,)) for values in (rescale.multiplier, rescale.shift))
    return replace(rescale, multiplier=multiplier, shift=shift)


def takes_halves(rescale: Rescale) -> bool:
    """Whether halves of the second rounding have to go away from zero."""
    return rescale.low < rescale.zero_point


def accumulator(
    weights: np.ndarray, bias: np.ndarray | None, zero_point: int, rescale: Rescale, stored: Stored
) -> tuple[Intermediate, ...]:
    """What the product of accumulator and multiplier has to keep within, of the channels where it matters.

    Args:
      weights: [channels, taps].
      bias: [channels] or None.
      zero_point: of the input.
      stored: what the input can hold.
    """
    if not takes_halves(rescale):
        return ()
    live = np.flatnonzero(rescale.multiplier)
    low, high = (ends[live] for ends in sums_of_products(weights, zero_point, stored))
    start = np.zeros(len(live), np.int64) if bias is None else bias.astype(np.int64)[live]
    what = "sum of products and bias, for halves away from zero"
    return (Intermediate(what, live, low + start, high + start, HALVES_BOUNDS),)


def shifts_fit(rescale: Rescale) -> bool:
    """Whether all shifts that matter are to the right, and far enough."""
    live = rescale.shift[rescale.multiplier != 0]
    return bool(np.all(live <= (-2 if takes_halves(rescale) else 0)))


def holds(intermediates: tuple[Intermediate, ...]) -> bool:
    """Whether all of them keep within their bounds."""
    return all(bool(np.all(i.low >= i.bounds[0]) and np.all(i.high <= i.bounds[1])) for i in intermediates)


def folded_bias(weights: np.ndarray, bias: np.ndarray | None, zero_point: int) -> np.ndarray:
    """The bias less the input's zero point times the weights: int32, wrapping as the kernel's sums do."""
    moved = -zero_point * weights.astype(np.int64).sum(axis=1)
    return (moved if bias is None else moved + bias).astype(np.int32)


def unfolded_bias(weights: np.ndarray, folded: np.ndarray, zero_point: int) -> np.ndarray:
    return (folded.astype(np.int64) + zero_point * weights.astype(np.int64).sum(axis=1)).astype(np.int32)


def lane_shifts(rescale: Rescale) -> np.ndarray:
    """What VRSHL takes, int32 per channel; 0 where the multiplier is 0, whose result is the zero point anyway."""
    return np.where(rescale.multiplier == 0, 0, rescale.shift + takes_halves(rescale)).astype(np.int32)


def restored_shifts(lanes: np.ndarray, rescale: Rescale) -> np.ndarray:
    """The inverse, the operator's own where the multiplier is 0."""
    return np.where(rescale.multiplier == 0, rescale.shift, lanes - takes_halves(rescale)).astype(np.int32)
