"""Rescaling with one shift for all channels, a constant of the code: SMMLA and SSAT #8, ASR #8, two instructions.

It is rescaling.py with weights and bias scaled per channel so that the whole shift is 8: with TFLM's shift -n, by

    2^bits,    bits = 9 - n

Weights are int16 then: int8 times 2^8 still fits, so that n >= 1 will do. For n >= 8 this is too little for the addend
to hold the first rounding, and for n >= 10 the multiplier has to become smaller and with it inexact. What matters is
only where the result steps from one value to the next (steps.py): for a given multiplier this is an interval for the
sum of the addend and of what the multiplier makes of a start value of the accumulator, and the two are chosen to hit
it. Claim C6 has the differences, which must be 0.

For operators that clamp at the zero point -128 from below (ReLU), and at 127: then SSAT is all of the clamping, and
halves need no correction.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from verify.ops.arithmetic import INT32, Intermediate
from verify.ops.weights import Rescale
from verify.targets.cortex_m_dsp.rescaling import seen
from verify.targets.cortex_m_dsp.steps import Steps

SHIFT = 8
"""Of stj_saturated_8 in embedded/include/stj_dsp.h."""

LEAST_BITS, MOST_BITS = 2, 8
"""SMMLA wants the first rounding, 2^30 of the formula, to be a multiple of 2^32 when scaled; weights must fit int16."""

NEIGHBOURS, MOST_STARTS = 8, (1 << 12, 1 << 18)
"""How far from the exact multiplier others are tried, and what may be added to the accumulator."""


@dataclass(frozen=True, eq=False)
class EvenShift:
    """What a kernel stores: int64 arrays, one entry per channel.

    Args:
      factor: what weights and bias are multiplied by, 0 where the channel has one value for every input.
      start: what is added to the scaled bias.
      multiplier, addend: of SMMLA.
      difference: lowest and highest difference from the operator's result.
    """

    factor: np.ndarray
    start: np.ndarray
    multiplier: np.ndarray
    addend: np.ndarray
    difference: tuple[np.ndarray, np.ndarray]

    def scaled(self, accumulators: np.ndarray) -> np.ndarray:
        """The kernel's accumulators from the operator's, [..., channels]."""
        return np.asarray(accumulators, np.int64) * self.factor + self.start

    def before_shift(self, accumulators: np.ndarray) -> np.ndarray:
        """The sum that the kernel shifts and saturates."""
        return self.addend + (np.clip(self.scaled(accumulators), *INT32) * self.multiplier >> 32)

    def intermediates(self, low: np.ndarray, high: np.ndarray) -> tuple[Intermediate, ...]:
        """What must hold for accumulators in [low, high], a part of the interval that this was made for."""
        channels = np.flatnonzero(self.factor)
        ends = self.scaled(low), self.scaled(high)
        sums = self.before_shift(low), self.before_shift(high)
        found = (
            ("accumulator as the kernel scales it", *ends, INT32),
            ("sum before its shift", np.minimum(*sums), np.maximum(*sums), INT32),
            ("difference between the kernel's result and the operator's", *self.difference, (0, 0)),
        )
        return tuple(Intermediate(what, channels, lo[channels], hi[channels], bounds) for what, lo, hi, bounds in found)


def even_shift(rescale: Rescale, accumulators: tuple[np.ndarray, np.ndarray]) -> EvenShift | None:
    """How a kernel rescales with a shift of `SHIFT` everywhere; None where a channel has no such form.

    Args:
      rescale: the operator's.
      accumulators: their interval for all int8 inputs.
    """
    if (rescale.low, rescale.zero_point, rescale.high) != (-128, -128, 127):
        return None
    low, high = accumulators
    live, value = seen(rescale, accumulators, "double")
    shift, multiplier = (np.broadcast_to(x, low.shape).astype(np.int64) for x in (rescale.shift, rescale.multiplier))
    bits = np.where(live, SHIFT + 1 + shift, LEAST_BITS)
    inexact = np.flatnonzero(bits < LEAST_BITS)
    if (bits > MOST_BITS).any() or (low[inexact] < INT32[0]).any() or (high[inexact] > INT32[1]).any():
        return None
    exact = np.maximum(bits, LEAST_BITS)
    fixed = (rescale.zero_point << SHIFT) + (1 << SHIFT - 1) + (1 << exact - 2)
    addend = np.where(live, fixed, value << SHIFT)
    columns = np.stack([1 << exact, np.zeros_like(exact), multiplier, addend, *np.zeros((2, bits.size), np.int64)])
    for c in inexact:
        own = Rescale(multiplier[c : c + 1], shift[c : c + 1], rescale.zero_point, rescale.low, rescale.high)
        found = _fitted(own, int(low[c]), int(high[c]))
        if found is None:
            return None
        columns[:, c] = found
    columns[[0, 2]] *= live
    factor, start, multiplier, addend, least, most = columns
    return EvenShift(factor, start, multiplier, addend, (least, most))


def _fitted(rescale: Rescale, low: int, high: int) -> tuple[int, ...] | None:
    """Factor, start, multiplier, addend and differences of one channel, None where nothing that was tried will do."""
    bits = max(0, SHIFT + 1 + int(rescale.shift[0]))
    exact = int(rescale.multiplier[0]) * 2.0 ** (SHIFT + 1 + int(rescale.shift[0]) - bits)
    sign = -1 if exact < 0 else 1

    def result(x: np.ndarray) -> np.ndarray:
        return rescale.apply(sign * x[..., None])[..., 0].astype(np.int64)

    steps = Steps.of(result, *sorted((sign * low, sign * high)))
    ends = sign * steps.telling
    near = sorted(range(round(exact) - NEIGHBOURS, round(exact) + NEIGHBOURS + 1), key=lambda x: abs(x - exact))
    # The more starts there are, the closer their products come to any remainder of 2^32.
    for most_start, scaled in product(MOST_STARTS, near):
        start = np.arange(most_start)
        # The sum of start * scaled and addend * 2^32 has to be in [least, most].
        least, most = steps.room(lambda x, scaled=scaled: sign * x * scaled << bits, 32 + SHIFT, (-128, 127))
        addend = -((start * scaled - least) >> 32)
        fits = np.flatnonzero(start * scaled + (addend << 32) <= most)
        if fits.size:
            k = int(fits[0])
            sums = int(addend[k]) + (((ends << bits) + k) * scaled >> 32)
            difference = np.clip(sums >> SHIFT, -128, 127) - rescale.apply(ends[:, None])[:, 0]
            return 1 << bits, k, scaled, int(addend[k]), int(difference.min()), int(difference.max())
    return None
