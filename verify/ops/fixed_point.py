"""Exponential, logarithm, reciprocal, root, logistic and tanh in 32-bit fixed point, exactly as gemmlowp has them.

A number with `n` integer bits is stored as round(x * 2^(31 - n)); "Qn" below. Products are `doubling_high_mul`, and
Qm times Qn gives Q(m+n). Arrays are int64 holding int32 values.

Source: gemmlowp `fixedpoint/fixedpoint.h` (exp_on_negative_values, one_over_one_plus_x_for_x_in_0_1,
one_minus_x_over_one_plus_x_for_x_in_0_1, logistic, tanh); tensorflow/lite/kernels/internal/common.h (GetReciprocal,
GetInvSqrtQuantizedMultiplierExp, log_x_for_x_greater_than_or_equal_to_1_impl).
"""

import math

import numpy as np

from verify.ops.requantize import INT32_MAX, INT32_MIN, doubling_high_mul, rounding_shift_right

ONE_Q0 = INT32_MAX  # 1.0 itself does not fit
ONE_Q2 = 1 << 29


def fixed(x: float, integer_bits: int = 0) -> int:
    """The nearest stored value of a positive or negative real."""
    return round(x * 2 ** (31 - integer_bits))


def shift_left_saturating(x: np.ndarray, bits: int) -> np.ndarray:
    return np.clip(x << bits, INT32_MIN, INT32_MAX)


def exp_of_small(x: np.ndarray) -> np.ndarray:
    """exp(x) for x in [-1/4, 0), Q0: a Taylor polynomial of degree four around -1/8."""
    x = x + fixed(1 / 8)
    x2 = doubling_high_mul(x, x)
    x3 = doubling_high_mul(x2, x)
    x4_over_4 = rounding_shift_right(doubling_high_mul(x2, x2), 2)
    tail = rounding_shift_right(doubling_high_mul(x4_over_4 + x3, fixed(1 / 3)) + x2, 1)
    centre = fixed(math.exp(-1 / 8))
    return centre + doubling_high_mul(x + tail, centre)


def exp_on_negative_values(x: np.ndarray, integer_bits: int) -> np.ndarray:
    """exp(x), Q0, for x <= 0 in Q`integer_bits`, at most 5: one factor exp(-2^k) for each bit set in the quarters."""
    assert integer_bits <= 5
    fractional_bits = 31 - integer_bits
    quarter = 1 << (fractional_bits - 2)
    below_quarter = (x & (quarter - 1)) - quarter
    result = exp_of_small(below_quarter << integer_bits)
    quarters = below_quarter - x
    for exponent in range(-2, integer_bits):
        bit = 1 << (fractional_bits + exponent)
        factor = fixed(math.exp(-(2.0**exponent)))
        result = np.where(quarters & bit, doubling_high_mul(result, factor), result)
    return np.where(x == 0, ONE_Q0, result)


def reciprocal_of_half_sum(x: np.ndarray) -> np.ndarray:
    """2 / (1 + x), Q2, for x in [0, 1), Q0: three Newton steps from a line."""
    half = (x + ONE_Q0 + 1) >> 1
    estimate = fixed(48 / 17, 2) + doubling_high_mul(half, fixed(-32 / 17, 2))
    for _ in range(3):
        error = ONE_Q2 - doubling_high_mul(half, estimate)
        estimate = estimate + shift_left_saturating(doubling_high_mul(estimate, error), 2)
    return estimate


def newton_range(pieces: int = 4096) -> tuple[tuple[int, int], tuple[int, int]]:
    """Intervals of the estimate and of the error in `reciprocal_of_half_sum`, over all x: its steps on intervals.

    The fractions are cut into `pieces`, because the estimate and its error depend on the same x.
    """
    edges = np.linspace(1 << 30, 1 << 31, pieces + 1).astype(np.int64)
    half = edges[:-1], np.minimum(edges[1:], INT32_MAX)
    start, slope = fixed(48 / 17, 2), fixed(-32 / 17, 2)
    low, high = (start + doubling_high_mul(x, slope) for x in reversed(half))
    estimates, errors = [low, high], [np.zeros(1, np.int64)]
    for _ in range(3):
        error = ONE_Q2 - doubling_high_mul(half[1], high), ONE_Q2 - doubling_high_mul(half[0], low)
        corners = [doubling_high_mul(e, x) for e in (low, high) for x in error]
        low = low + shift_left_saturating(np.minimum.reduce(corners), 2)
        high = high + shift_left_saturating(np.maximum.reduce(corners), 2)
        estimates += [low, high]
        errors += error
    return _ends(estimates), _ends(errors)


def _ends(values: list[np.ndarray]) -> tuple[int, int]:
    return int(min(x.min() for x in values)), int(max(x.max() for x in values))


def one_over_one_plus(x: np.ndarray) -> np.ndarray:
    """1 / (1 + x), Q0, for x in [0, 1), Q0."""
    return shift_left_saturating(reciprocal_of_half_sum(x), 1)


def one_minus_over_one_plus(x: np.ndarray) -> np.ndarray:
    """(1 - x) / (1 + x), Q0, for x in [0, 1), Q0."""
    return shift_left_saturating(reciprocal_of_half_sum(x) - ONE_Q2, 2)


def logistic(x: np.ndarray, integer_bits: int) -> np.ndarray:
    """1 / (1 + exp(-x)), Q0, for x in Q`integer_bits`."""
    upper = one_over_one_plus(exp_on_negative_values(-np.abs(x), integer_bits))
    return np.where(x > 0, upper, np.where(x == 0, 1 << 30, ONE_Q0 - upper))


def tanh(x: np.ndarray, integer_bits: int) -> np.ndarray:
    """tanh(x), Q0, for x in Q`integer_bits`; the exponent 2x has one integer bit more and the same stored value."""
    magnitude = one_minus_over_one_plus(exp_on_negative_values(-np.abs(x), integer_bits + 1))
    return np.where(x == 0, 0, np.sign(x) * magnitude)


def reciprocal(x: int, integer_bits: int) -> tuple[int, int]:
    """1 / x for x >= 1 in Q`integer_bits` as (r, shift): 1 / x ~ r * 2^(-31 - shift)."""
    headroom = 32 - x.bit_length()
    fraction = (x << headroom) - 2**31
    return int(one_over_one_plus(np.asarray(fraction, np.int64))), integer_bits - headroom


def inverse_root(x: int) -> tuple[int, int]:
    """1 / sqrt(x) for 1 <= x < 2^31 as (r, shift) for `requantize`: 1 / sqrt(x) ~ r * 2^(shift - 31).

    Five Newton steps from 1, with three integer bits, on x scaled by a power of 4 into [1/4, 1).
    """
    if x == 1:
        return INT32_MAX, 0
    shift = 11
    while x >= 1 << 29:
        x //= 4
        shift += 1
    pairs = (31 - x.bit_length()) // 2 - 1
    shift -= pairs
    scaled = np.array((x << 2 * pairs) >> 1, np.int64)
    half, half_three = rounding_shift_right(scaled, 1), fixed(1.5, 3)
    root = np.array(fixed(1, 3), np.int64)
    for _ in range(5):
        cube = shift_left_saturating(doubling_high_mul(doubling_high_mul(root, root), root), 6)
        root = shift_left_saturating(doubling_high_mul(root, half_three) - doubling_high_mul(half, cube), 3)
    found = int(doubling_high_mul(root, fixed(math.sqrt(2) / 2)))
    # A shift to the left goes into the number itself.
    return (found, -shift) if shift >= 0 else (found << -shift, 0)


SQRT_HALF, ROOT_SQRT_HALF = fixed(0.5**0.5), fixed(0.5**0.25)
LOG_2 = fixed(math.log(2))
LOG_BITS = 6  # integer bits of a logarithm on the way; the result has one less
NUMERATOR, DENOMINATOR = (
    fixed(11 / 240 * 2**0.25),
    (fixed(2 / 2**0.25 - 2**0.25), fixed(2**0.25 / 20), fixed(2**0.25 / 4)),
)
"""Coefficients of the quotient of polynomials in q = 2 (r - 2^-1/4) that is the logarithm of r near 2^-1/4, Q0."""


def log(x: int, integer_bits: int) -> int:
    """log(x), Q5, for x >= 1 in Q`integer_bits`: that of a power of 2 and of a factor from 0.7 to 1."""
    normal = 31 - x.bit_length()
    by_root = int(doubling_high_mul(np.array(x), SQRT_HALF))
    other = 31 - by_root.bit_length()
    factors = 2 * int(doubling_high_mul(np.array(x << normal), SQRT_HALF)), x << other
    quarter = 1 << (31 - LOG_BITS - 2)
    powers = [(integer_bits - bits) << (31 - LOG_BITS) for bits in (normal + 1, other)]
    power = max(powers[0] + quarter, powers[1] - quarter)
    whole = int(doubling_high_mul(np.array(power), LOG_2))
    rest, _ = log_of_factor(np.array(min(*factors, INT32_MAX), np.int64))
    return min(max(2 * (whole + int(rest)), INT32_MIN), INT32_MAX)


def log_of_factor(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log(r) plus a quarter of log(2), Q`LOG_BITS`, for r from sqrt(1/2) to 1, Q0; its denominator less one, Q0."""
    p, q = (r + ROOT_SQRT_HALF + 1) >> 1, 2 * (r - ROOT_SQRT_HALF)
    square = doubling_high_mul(q, q)
    numerator = doubling_high_mul(q, r) + doubling_high_mul(doubling_high_mul(q, square), NUMERATOR)
    constant, second, first = DENOMINATOR
    inner = constant + q + doubling_high_mul(square, second)
    denominator = doubling_high_mul(p, inner) + doubling_high_mul(q, first)
    quotient = doubling_high_mul(rounding_shift_right(numerator, LOG_BITS), one_over_one_plus(denominator))
    return quotient, denominator


def log_denominator_range(pieces: int = 512) -> tuple[int, int]:
    """An interval of the denominator, less one, in `log_of_factor`, over all factors: its steps on intervals."""
    edges = np.linspace(SQRT_HALF - 1, INT32_MAX, pieces + 1).astype(np.int64)
    low, high = edges[:-1], edges[1:]
    p = (low + ROOT_SQRT_HALF + 1) >> 1, (high + ROOT_SQRT_HALF + 1) >> 1
    q = 2 * (low - ROOT_SQRT_HALF), 2 * (high - ROOT_SQRT_HALF)
    square = _products(q, q)
    constant, second, first = DENOMINATOR
    inner = tuple(constant + end + doubling_high_mul(x, second) for end, x in zip(q, square, strict=True))
    product = _products(p, (inner[0], inner[1]))
    ends = [x + doubling_high_mul(end, first) for x, end in zip(product, q, strict=True)]
    return _ends(ends)


def _products(a: tuple[np.ndarray, ...], b: tuple[np.ndarray, ...]) -> tuple[np.ndarray, np.ndarray]:
    corners = [doubling_high_mul(x, y) for x in a for y in b]
    return np.minimum.reduce(corners), np.maximum.reduce(corners)


def input_radius(integer_bits: int, left_shift: int) -> int:
    """Stored inputs at or beyond this distance from zero do not fit Q`integer_bits` after scaling.

    Source: quantization_util.cc, CalculateInputRadius with 31 signed bits.
    """
    return math.floor(((1 << integer_bits) - 1) * 2.0 ** (31 - integer_bits) / 2.0**left_shift)
