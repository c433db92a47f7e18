"""Rescaling in one multiplication: what the exporter puts beside the weights, and what has to hold for it to be exact.

A kernel keeps `a`, the accumulator times 2^bits, by having weights and bias scaled so. With n = -shift, TFLM's result
for multiplier m is one division, rounded down, before it is clamped:

    floor((accumulator * m + C) / 2^(31 + n)),    C = 2^30 + 2^(30 + n) + zero_point * 2^(31 + n)

because one rounding down after another is one. Two cases differ: halves are rounded away from zero, so where
accumulator * m < 0 and n >= 1, C is less by 2^31; and the first 2^30 is the first of two roundings, which is the only
one where n <= 0, and is not there where the operator rounds once. So with addend = C / 2^(32 - bits):

    (addend + (a * m >> 32)) >> (n + bits - 1)

which is SMMLA and a shift. Where bits is 1, C / 2^31 is no integer, but SMMLAR adds the 2^30 that is missing. The
correction of negative accumulators is 2^(bits - 1). It is left out where the result cannot be seen below the zero
point, and then the channel may have any sign; with it, a channel of a negative multiplier has all its signs turned.

Channels whose n is so large that the addend would not fit, or that the bits would be less than 2, get a multiplier of
fewer bits: they have few values, and so an addend that makes all of them come out right (steps.py).

The C side is embedded/include/stj_rescale_dsp.h. Channels that give one value for every int8 input get multiplier 0 and
that value as addend: biases up to INT32_MAX occur where the multiplier is 0 and are of no matter.
"""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from verify.ops.arithmetic import INT32, Intermediate, Stored, sums_of_products
from verify.ops.requantize import INT32_MIN
from verify.ops.weights import Rescale, Rounding
from verify.targets.cortex_m_dsp.steps import Rising, Steps, addend_in

FINEST = (24, 22)
"""Of n and the accumulator's bits together, more of which would leave addends and sums no room: to be tried in turn."""

LOST = INT32_MIN
"""What `restored` answers for the shift of a channel whose addend is not the one that belongs to it."""


@dataclass(frozen=True, eq=False)
class Rescaling:
    """What a kernel multiplies, adds and shifts by: int64 arrays, one entry per channel.

    Args:
      bits: weights and bias are to be multiplied by sign * 2^bits.
      sign: 1 or -1.
      multiplier, addend, shift: of the formula above; `shift` is the whole one, to the right.
      live: whether the channel's result depends on the input at all; where not, weights and bias are to be 0.
      coarse: whether the multiplier has lost bits, and the addend makes up for it (steps.py).
      halves: whether the kernel has to correct negative accumulators.
      difference: the largest from the operator's result, looked for in coarse channels only, where C6 has it to be 0.
    """

    bits: np.ndarray
    sign: np.ndarray
    multiplier: np.ndarray
    addend: np.ndarray
    shift: np.ndarray
    live: np.ndarray
    coarse: np.ndarray
    halves: bool
    difference: np.ndarray

    @property
    def factor(self) -> np.ndarray:
        """What weights and bias are multiplied by: 0 where they do not matter."""
        return self.live * self.sign << self.bits

    def before_shift(self, accumulators: np.ndarray) -> np.ndarray:
        """The sum that the kernel shifts, from accumulators [..., channels]: nothing wraps here."""
        a = np.asarray(accumulators, np.int64) * self.factor
        high = (a * self.multiplier + np.where(self.bits == 1, 1 << 31, 0)) >> 32
        return self.addend + high - np.where((a < 0) & self.halves, 1 << (self.bits - 1), 0)

    def intermediates(self, low: np.ndarray, high: np.ndarray) -> tuple[Intermediate, ...]:
        """What must fit int32 for accumulators in [low, high], bias included.

        Where an end is far outside, the claim about the accumulator fails; the sums that follow are then of no matter.
        """
        live = np.flatnonzero(self.live)
        ends = [np.asarray(end, np.int64) * self.factor for end in (low, high)]
        kept = [np.clip(end, *INT32) for end in ends]
        products = [(end * self.multiplier + np.where(self.bits == 1, 1 << 31, 0)) >> 32 for end in kept]
        least = self.addend - np.where(self.halves, 1 << (self.bits - 1), 0)
        found = (
            ("accumulator as the kernel scales it", np.minimum(*ends), np.maximum(*ends)),
            ("addend of the rescaling", least, self.addend),
            ("sum before its shift", least + np.minimum(*products), self.addend + np.maximum(*products)),
        )
        sums = tuple(Intermediate(what, live, lows[live], highs[live]) for what, lows, highs in found)
        coarse = np.flatnonzero(self.coarse)
        most = self.difference[coarse]
        same = Intermediate("difference of a result from the operator's", coarse, -most, most, (0, 0))
        return (*sums, same) if coarse.size else sums


def accumulators(
    taps: np.ndarray, bias: np.ndarray | None, zero_point: int, stored: Stored = (-128, 127)
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of each channel's accumulator, bias included; `taps` is [channels, taps].

    Partial sums are not asked for: kernels add modulo 2^32, so that only the whole sum has to fit.
    """
    low, high = sums_of_products(taps, zero_point, stored)
    start = 0 if bias is None else bias.astype(np.int64)
    return low + start, high + start


def rescaling(
    rescale: Rescale,
    accumulators: tuple[np.ndarray, np.ndarray],
    bits: int | None = None,
    rounding: Rounding = "double",
    shift: int | None = None,
    finest: int = FINEST[0],
) -> Rescaling | None:
    """How a kernel rescales accumulators that it keeps times 2^bits; None where the formula does not give the bits.

    Args:
      rescale: the operator's.
      accumulators: their interval for all int8 inputs.
      bits: 1 means SMMLAR, more means SMMLA.
      rounding: of the operator; with bits of 1 it must be "double".
      shift: instead of bits, the whole shift: each channel gets the bits that lead to it, at least 2.
      finest: most that n and bits may be together; channels of a larger n get a multiplier of fewer bits.
    """
    channels = len(accumulators[0])
    multiplier, n = (np.array(np.broadcast_to(x, channels), np.int64) for x in (rescale.multiplier, -rescale.shift))
    live, value = seen(rescale, accumulators, rounding)
    multiplier[~live], n[~live] = 0, 1
    halves = rounding == "double" and rescale.low < rescale.zero_point and bool((n[live] >= 1).any())
    if halves and (n[live] < 1).any():
        return None
    largest = finest - (bits or 0) if shift is None else shift - 1
    coarse = live & (n > largest)
    n[coarse] = largest
    each = np.full(channels, bits, np.int64) if shift is None else shift + 1 - n
    if (n + each < 1).any() or (shift is not None and (each < 2).any()):
        return None
    sign = np.where((halves | coarse) & (multiplier < 0), -1, 1)
    multiplier *= sign
    multiplier[coarse] >>= (-rescale.shift - n)[coarse]
    none = np.zeros(channels, np.int64)
    found = Rescaling(each, sign, multiplier, none, n + each - 1, live, coarse, halves, none.copy())
    few = {c: _Channel.of(found, rescale, accumulators, rounding, c) for c in np.flatnonzero(coarse).tolist()}
    addends = [
        int(value[c]) << int(found.shift[c])
        if not live[c]
        else few[c].addend()
        if coarse[c]
        else _addend(int(n[c]), int(each[c]), rescale.zero_point, rounding)
        for c in range(channels)
    ]
    if any(addend is None or abs(addend) >= 2**31 for addend in addends) or (multiplier >= 2**31).any():
        return None
    for c, channel in few.items():
        found.difference[c] = channel.difference(addends[c] or 0)
    return replace(found, addend=np.array(addends, np.int64))


@dataclass(frozen=True, eq=False)
class _Channel:
    """A channel whose multiplier has lost bits: accumulators are those of its own sign, so that results rise."""

    result: Rising
    product: Rising
    shift: int
    steps: Steps
    clamped: Stored

    @classmethod
    def of(
        cls, found: Rescaling, rescale: Rescale, ends: tuple[np.ndarray, np.ndarray], rounding: Rounding, channel: int
    ) -> Self:
        """That of a rescaling without addends."""
        one, sign = slice(channel, channel + 1), int(found.sign[channel])
        entries = (np.broadcast_to(x, found.live.shape)[one] for x in (rescale.multiplier, rescale.shift))
        own = replace(rescale, **dict(zip(("multiplier", "shift"), entries, strict=True)))
        arrays = {f.name: getattr(found, f.name) for f in fields(found)}
        kept = replace(found, **{name: x[one] for name, x in arrays.items() if isinstance(x, np.ndarray)})
        low, high = sorted(int(np.clip(end[channel], *INT32)) * sign for end in ends)

        def result(x: np.ndarray) -> np.ndarray:
            return own.apply(x[..., None] * sign, rounding)[..., 0].astype(np.int64)

        return cls(
            result,
            lambda x: kept.before_shift(x[..., None] * sign)[..., 0],
            int(found.shift[channel]),
            Steps.of(result, low, high),
            (rescale.low, rescale.high),
        )

    def addend(self) -> int | None:
        """None where there is none."""
        return addend_in(self.steps.room(self.product, self.shift, self.clamped))

    def difference(self, addend: int) -> int:
        """The largest from the operator's result, over all accumulators."""
        points = self.steps.telling
        results = np.clip((addend + self.product(points)) >> self.shift, *self.clamped)
        return int(np.abs(results - self.result(points)).max())


def _addend(n: int, bits: int, zero_point: int, rounding: Rounding) -> int | None:
    """C / 2^(32 - bits), less what SMMLAR adds; None where that is no integer."""
    two = rounding == "double" and n >= 1
    # Twice C, so that n of -31 leaves an integer.
    twice = (2**31 if two else 0) + 2 ** (31 + n) + zero_point * 2 ** (32 + n) - (2**31 if bits == 1 else 0)
    quotient, rest = divmod(twice, 2 ** (33 - bits))
    return None if rest else quotient


def seen(
    rescale: Rescale, accumulators: tuple[np.ndarray, np.ndarray], rounding: Rounding
) -> tuple[np.ndarray, np.ndarray]:
    """Which channels depend on the input, and the value of those that do not: results rise or fall throughout."""
    low, high = accumulators
    left = np.clip(np.broadcast_to(rescale.shift, low.shape), 0, 30).astype(np.int64)
    within = (low >= INT32[0] >> left) & (high <= INT32[1] >> left)
    lowest, highest = (rescale.apply(np.where(within, end, 0), rounding).astype(np.int64) for end in (low, high))
    zero = np.broadcast_to(rescale.multiplier, low.shape) == 0
    # An accumulator that wraps may give anything: such a channel is live, and the claim about it fails.
    return ~(zero | (within & (lowest == highest))), lowest


def restored(
    rescale: Rescale, plan: Rescaling, read: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """The operator's multiplier and shift from (multiplier, addend, shift) as they were read back.

    Channels of one value or of a multiplier that has lost bits have them from the operator, if the arrays hold what
    belongs to them; an addend that does not belong to
    its shift and zero point shows as a shift of `LOST`.
    """
    multiplier, addend, shift = (np.asarray(x, np.int64) for x in read)
    exact = plan.live & ~plan.coarse
    right = (addend == plan.addend) & (shift == plan.shift) & (exact | (multiplier == plan.multiplier))
    own = [np.broadcast_to(x, shift.shape) for x in (rescale.multiplier, rescale.shift)]
    found = np.where(exact, multiplier * plan.sign, own[0]), np.where(exact, plan.bits - 1 - shift, own[1])
    entries = slice(None) if rescale.multiplier.size == shift.size else slice(0, rescale.multiplier.size)
    shifts = np.where(right, found[1], LOST)
    if rescale.multiplier.size == 1 and not (right.all() and (found[0] == found[0][0]).all()):
        shifts[:] = LOST
    return found[0][entries], shifts[entries]
