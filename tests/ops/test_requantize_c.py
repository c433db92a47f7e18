"""stj_requantize.h against its Python twin, and both against exact rational arithmetic."""

import ctypes
from fractions import Fraction

import numpy as np

from tests.kernel_harness import load_call
from verify.ops.requantize import doubling_high_mul, requantize, rounding_shift_right

SOURCE = """
#include "stj_requantize.h"
typedef const int32_t *ints;
void run(ints x, ints m, ints s, int32_t n, int32_t *high, int32_t *shifted, int32_t *both);
void run(ints x, ints m, ints s, int32_t n, int32_t *high, int32_t *shifted, int32_t *both) {
    for (int32_t i = 0; i < n; i++) {
        high[i] = stj_doubling_high_mul(x[i], m[i]);
        shifted[i] = stj_rounding_shift_right(x[i], s[i] < 0 ? -s[i] : s[i]);
        both[i] = stj_requantize(x[i], m[i], s[i]);
    }
}
"""
EDGES = [-(2**31), 1 - 2**31, -(2**30), -3, -2, -1, 0, 1, 2, 3, 2**30 - 1, 2**30, 2**31 - 1]


def samples() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    edges = np.array([(x, m, s) for x in EDGES for m in EDGES for s in (-31, -30, -2, -1, 0, 1, 30)]).T
    wild = rng.integers(-(2**31), 2**31, (2, 100_000)), rng.integers(-31, 31, (1, 100_000))
    # Products at and around half a unit of the result, where roundings differ.
    halves = np.stack([rng.integers(-5000, 5000, 20_000) * 2 + 1, np.full(20_000, 2**30), rng.integers(-9, 1, 20_000)])
    x, m, s = np.concatenate([edges, np.concatenate(wild), halves], axis=1).astype(np.int32)
    return x, m, s


def in_c(x: np.ndarray, m: np.ndarray, s: np.ndarray) -> list[np.ndarray]:
    results = [np.empty(len(x), np.int32) for _ in range(3)]
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in (x, m, s)], [ctypes.c_void_p(a.ctypes.data) for a in results]
    load_call(SOURCE).run(*pointers[0], ctypes.c_int32(len(x)), *pointers[1])
    return results


def test_c_equals_python() -> None:
    x, m, s = samples()
    high, shifted, both = in_c(x, m, s)
    np.testing.assert_array_equal(high, doubling_high_mul(x, m))
    np.testing.assert_array_equal(shifted, rounding_shift_right(x, np.abs(s.astype(np.int64))))
    np.testing.assert_array_equal(both, requantize(x, m, s))


def test_roundings_are_what_they_say() -> None:
    """The high product rounds halves up, the shift rounds halves away from zero."""
    x, m, s = (a[::50].tolist() for a in samples())
    high, shifted, _ = (a[::50].tolist() for a in in_c(*samples()))
    for i in range(len(x)):
        exact = Fraction(x[i] * m[i], 2**31)
        assert high[i] == min((exact + Fraction(1, 2)).__floor__(), 2**31 - 1)
        quotient = Fraction(x[i], 2 ** abs(s[i]))
        magnitude = (abs(quotient) + Fraction(1, 2)).__floor__()
        assert shifted[i] == (magnitude if quotient >= 0 else -magnitude)
