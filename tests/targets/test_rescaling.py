"""Rescaling in one multiplication: Python form and C form against the operators' own, and what is refused."""

import ctypes
import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kernel_harness import load_call
from verify.ops.arithmetic import INT32
from verify.ops.weights import Rescale, Rounding
from verify.targets.cortex_m_dsp.rescaling import LOST, Rescaling, accumulators, rescaling, restored

SOURCE = """
#include "stj_rescale_dsp.h"
typedef const int32_t *ints;
void run(ints a, ints m, ints addend, ints shift, int32_t bits, int32_t away, int32_t n, int32_t *out);
void run(ints a, ints m, ints addend, ints shift, int32_t bits, int32_t away, int32_t n, int32_t *out) {
    for (int32_t i = 0; i < n; i++) {
        out[i] = bits == 1 ? away ? stj_rescale_twice_away(a[i], m[i], addend[i], shift[i])
                                  : stj_rescale_twice(a[i], m[i], addend[i], shift[i])
                 : away ? stj_rescale_scaled_away(a[i], m[i], addend[i], shift[i], bits)
                        : stj_rescale_scaled(a[i], m[i], addend[i], shift[i]);
        out[i] = stj_saturated(out[i]);
    }
}
"""

MULTIPLIERS = st.one_of(
    st.integers(2**30, 2**31 - 1), st.integers(1 - 2**31, -(2**30)), st.sampled_from((2**30, 2**31 - 1, -(2**30), 0))
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Rescale, Rounding, int, tuple[np.ndarray, np.ndarray]]:
    """A rescaling of several channels, and the widest accumulators that stay within int32 with it."""
    channels = draw(st.integers(1, 4))
    bits = draw(st.sampled_from((1, 2, 3, 8)))
    multiplier = np.array([draw(MULTIPLIERS) for _ in range(channels)], np.int32)
    shift = np.array([-draw(st.integers(1 - min(bits, 3), 20)) for _ in range(channels)], np.int32)
    zero_point = draw(st.integers(-128, 127))
    low = draw(st.sampled_from((-128, zero_point)))
    rounding = draw(st.sampled_from(("double", "double", "single")))
    # Results up to a little beyond int8, where the addend leaves room for them.
    reach = [min(2 ** (30 - bits), 300 << max(0, int(-s))) >> max(0, int(s)) for s in shift]
    extent = np.array(reach, np.int64)
    return Rescale(multiplier, shift, zero_point, low, 127), rounding, bits, (-extent, extent)


def fits(found: Rescaling, interval: tuple[np.ndarray, np.ndarray]) -> bool:
    return all((i.low >= i.bounds[0]).all() and (i.high <= i.bounds[1]).all() for i in found.intermediates(*interval))


def in_c(found: Rescaling, values: np.ndarray, bits: int) -> np.ndarray:
    """What the C form makes of accumulators [..., channels]."""
    a = (values * found.factor).astype(np.int32)
    columns = [
        np.ascontiguousarray(np.broadcast_to(x, values.shape), np.int32)
        for x in (a, found.multiplier, found.addend, found.shift)
    ]
    out = np.empty(values.shape, np.int32)
    pointers = [ctypes.c_void_p(x.ctypes.data) for x in (*columns, out)]
    counts = [ctypes.c_int32(x) for x in (bits, found.halves, values.size)]
    load_call(SOURCE).run(*pointers[:4], *counts, pointers[4])
    return out


def values_within(rescale: Rescale, interval: tuple[np.ndarray, np.ndarray], seed: int) -> np.ndarray:
    """Random accumulators, those around 0, and those where the result changes: halves are among them."""
    low, high = interval
    rng = np.random.default_rng(seed)
    anywhere = rng.integers(low, high + 1, (300, len(low)))
    near = np.clip(np.arange(-6, 7)[:, None] + np.zeros(len(low), np.int64), low, high)
    multiplier = np.where(rescale.multiplier == 0, 1, rescale.multiplier).astype(float)
    steps = (np.arange(-300, 300)[:, None] + 0.5) * 2.0 ** (31 - rescale.shift) / multiplier
    edges = [np.clip(np.rint(steps).astype(np.int64) + d, low, high) for d in (-2, -1, 0, 1, 2)]
    return np.concatenate([anywhere, near, *edges, low[None], high[None]])


@settings(max_examples=150)
@given(cases(), st.integers(0, 99))
def test_it_equals_the_operators_own(
    case: tuple[Rescale, Rounding, int, tuple[np.ndarray, np.ndarray]], seed: int
) -> None:
    rescale, rounding, bits, interval = case
    found = rescaling(rescale, interval, bits, rounding)
    if found is None or not fits(found, interval):
        return
    values = values_within(rescale, interval, seed)
    expected = rescale.apply(values, rounding)
    sums = found.before_shift(values)
    assert (sums >= INT32[0]).all() and (sums <= INT32[1]).all()
    np.testing.assert_array_equal(np.clip(sums >> found.shift, rescale.low, 127), expected)
    np.testing.assert_array_equal(np.clip(in_c(found, values, bits), rescale.low, 127), expected)


@pytest.mark.parametrize("bits", [1, 2, 8])
@pytest.mark.parametrize("multiplier", [2**30, 1518500250, 2**31 - 1, -(2**30), -1234567890])
def test_every_accumulator_of_a_channel(bits: int, multiplier: int) -> None:
    """All that give a result within int8, for shifts of 1 to 6; multipliers of 2^30 have a half at every odd one."""
    for n in range(1, 7):
        rescale = Rescale(np.array([multiplier], np.int32), np.array([-n], np.int32), 3, -128, 127)
        end = np.array([300 << (n + 1)])
        found = rescaling(rescale, (-end, end), bits)
        assert found is not None and found.halves and fits(found, (-end, end))
        values = np.arange(-end[0], end[0] + 1)[:, None]
        np.testing.assert_array_equal(in_c(found, values, bits), rescale.apply(values))


def test_most_cases_are_not_refused() -> None:
    """What networks have: shifts from 1 on, multipliers of any sign, with or without an activation."""
    for bits, low, n, m in ((b, low, n, m) for b in (1, 3, 8) for low in (-128, 5) for n in (1, 9) for m in (1, -1)):
        rescale = Rescale(np.array([m * 1234567890], np.int32), np.array([-n], np.int32), 5, low, 127)
        end = np.array([2 ** (8 + n)])
        found = rescaling(rescale, (-end, end), bits)
        assert found is not None and fits(found, (-end, end)), (bits, low, n, m)
        assert found.halves == (low < 5)


def test_one_shift_for_all_channels() -> None:
    """Channels are scaled so that the same shift ends all of them; those of one value, too."""
    rescale = Rescale(np.array([2**30, 2**31 - 1, 0]), np.array([-4, -9, 0]), -128, -128, 127)
    interval = -np.array([4000, 120000, 5]), np.array([4000, 120000, 5])
    found = rescaling(rescale, interval, shift=11)
    assert found is not None and found.bits.tolist()[:2] == [8, 3] and found.shift.tolist() == [11] * 3
    values = values_within(rescale, interval, 0)
    np.testing.assert_array_equal(np.clip(found.before_shift(values) >> 11, -128, 127), rescale.apply(values))
    rough = rescaling(rescale, interval, shift=6)
    assert rough is None, "with so few bits, steps of a channel that has them all cannot be where they belong"


def test_refusals() -> None:
    def one(m: int = 2**30, shift: int = -3, low: int = -128, bits: int = 8, rounding: Rounding = "double") -> object:
        rescale = Rescale(np.array([m, m], np.int32), np.array([shift, -3], np.int32), 7, low, 127)
        return rescaling(rescale, (np.array([-9000, -9000]), np.array([9000, 9000])), bits, rounding)

    assert one() is not None
    assert one(shift=0) is None, "one channel corrects negative accumulators, the other must not"
    assert one(shift=0, low=7) is not None
    assert one(shift=2, low=7, bits=2) is None, "nothing is left to shift to the right"
    assert one(m=-(2**31)) is None, "its sign cannot be turned"
    assert one(m=-(2**31), low=7) is not None
    assert one(bits=1, rounding="single") is None, "SMMLAR rounds where nothing is to be rounded"


def test_what_must_fit() -> None:
    """Each of the three sums can be the one that does not."""
    rescale = Rescale(np.array([2**31 - 1], np.int32), np.array([-9], np.int32), 7, -128, 127)
    found = rescaling(rescale, (np.array([-(2**23)]), np.array([2**23])), 8)
    assert found is not None
    scaled, addend, total = found.intermediates(np.array([-(2**23)]), np.array([2**23]))
    assert (scaled.low, scaled.high) == (-(2**31), 2**31)
    assert (addend.low, addend.high) == (found.addend - 128, found.addend)
    assert total.low == found.addend - 128 + (-(2**31) * (2**31 - 1) >> 32)
    narrow = found.intermediates(np.array([0]), np.array([1]))
    assert (narrow[0].low, narrow[0].high) == (0, 256)


def test_channels_of_one_value_never_refuse() -> None:
    """Multiplier 0 with the largest bias; and a channel so small that its result is its zero point."""
    taps = np.array([[100, -100], [1, 1], [50, 60]], np.int8)
    bias = np.array([2**31 - 1, 0, 100], np.int32)
    rescale = Rescale(np.array([0, 2**30, 2**30], np.int32), np.array([0, -24, -5], np.int32), -9, -128, 127)
    interval = accumulators(taps, bias, -3)
    found = rescaling(rescale, interval, 8)
    assert found is not None and found.live.tolist() == [False, False, True] and fits(found, interval)
    assert (found.factor[:2] == 0).all()
    assert ((found.addend >> found.shift)[:2] == -9).all()
    assert [i.channels.tolist() for i in found.intermediates(*interval)] == [[2]] * 3
    outside = dataclasses.replace(rescale, multiplier=np.array([2**30] * 3), shift=np.array([-5, -24, -5]))
    wide = rescaling(outside, interval, 8)
    assert wide is not None and wide.live[0] and not fits(wide, interval), "its accumulator wraps"


@settings(max_examples=20)
@given(st.integers(0, 2**16), st.booleans(), st.sampled_from(("double", "single")), st.data())
def test_channels_of_few_values(seed: int, relu: bool, rounding: Rounding, data: st.DataObject) -> None:
    """Shifts with which the addend would not fit, or the bits would be too few: the multiplier loses some."""
    rng = np.random.default_rng(seed)
    n = rng.integers(11, 24, 40)
    multiplier = rng.integers(2**30, 2**31, 40) * rng.choice([1, 1, -1], 40)
    zero_point = data.draw(st.integers(-128, 127))
    rescale = Rescale(multiplier, -n, zero_point, zero_point if relu else -128, 127)
    low = rng.integers(-(2**16), 2**16, 40)
    interval = low, low + rng.integers(0, 2**12, 40)
    ways = [(8, None), (None, 11)] + ([(1, None)] if rounding == "double" else [])
    bits, shift = data.draw(st.sampled_from(ways))
    for c in range(40):  # each by itself: all have to be possible at once
        one = dataclasses.replace(rescale, multiplier=multiplier[c : c + 1], shift=-n[c : c + 1])
        ends = interval[0][c : c + 1], interval[1][c : c + 1]
        found = rescaling(one, ends, bits, rounding, shift)
        if found is None or not fits(found, ends):
            continue
        values = np.arange(ends[0][0], ends[1][0] + 1)[:, None]
        result = np.clip(found.before_shift(values) >> found.shift, one.low, 127)
        np.testing.assert_array_equal(result, one.apply(values, rounding))
        assert [x.tolist() for x in restored(one, found, (found.multiplier, found.addend, found.shift))] == [
            one.multiplier.tolist(),
            one.shift.tolist(),
        ]


def test_a_difference_is_seen() -> None:
    """By C6, whatever made the addend."""
    rescale = Rescale(np.array([2**30 + 12345]), np.array([-18]), -128, -128, 127)
    ends = np.array([-(2**18)]), np.array([2**19])
    found = rescaling(rescale, ends, 8)
    assert found is not None and found.coarse[0]
    same = found.intermediates(*ends)[-1]
    assert (same.bounds, same.low.tolist(), same.high.tolist()) == ((0, 0), [0], [0])
    wrong = dataclasses.replace(found, difference=np.array([2]))
    assert wrong.intermediates(*ends)[-1].high.tolist() == [2]


def test_channels_of_few_values_are_seldom_refused() -> None:
    """Networks have shifts up to 20 in channels that give two or three values."""
    rng = np.random.default_rng(0)
    possible = 0
    for n in range(15, 21):
        for m in rng.integers(2**30, 2**31, 10):
            rescale = Rescale(np.array([m]), np.array([-n]), -128, -128, 127)
            end = np.array([2 ** (n + 1)])
            found = rescaling(rescale, (-end, end), 8)
            possible += found is not None
            assert found is None or found.coarse.tolist() == [n > 16]
    assert possible >= 50


@settings(max_examples=100)
@given(cases())
def test_the_way_back(case: tuple[Rescale, Rounding, int, tuple[np.ndarray, np.ndarray]]) -> None:
    rescale, rounding, bits, interval = case
    found = rescaling(rescale, interval, bits, rounding)
    if found is None:
        return
    read = found.multiplier, found.addend, found.shift
    multiplier, shift = restored(rescale, found, read)
    np.testing.assert_array_equal(multiplier, rescale.multiplier)
    np.testing.assert_array_equal(shift, rescale.shift)
    _, lost = restored(rescale, found, (found.multiplier, found.addend + 1, found.shift))
    assert (lost == LOST).all()


def test_the_way_back_of_one_entry_for_all() -> None:
    rescale = Rescale(np.array([2**30 + 1], np.int32), np.array([-6], np.int32), 3, -128, 127)
    found = rescaling(rescale, (np.array([-9000] * 3), np.array([9000] * 3)), 8)
    assert found is not None
    multiplier, shift = restored(rescale, found, (found.multiplier, found.addend, found.shift))
    assert (multiplier.tolist(), shift.tolist()) == ([2**30 + 1], [-6])
    _, lost = restored(rescale, found, (found.multiplier + np.array([0, 0, 1]), found.addend, found.shift))
    assert lost.tolist() == [LOST]
