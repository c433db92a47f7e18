"""Fixed-point rescaling of int32 accumulators, exactly as TFLM does it (rounds twice).

Sources: gemmlowp `fixedpoint/fixedpoint.h` (SaturatingRoundingDoublingHighMul, RoundingDivideByPOT) and
tensorflow/lite/kernels/internal `quantization_util.cc` (QuantizeMultiplier), `common.h`
(MultiplyByQuantizedMultiplier without TFLITE_SINGLE_ROUNDING).
"""

import math

import numpy as np

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


def quantize_multiplier(real: float) -> tuple[int, int]:
    """Writes `real` as (multiplier, shift): |multiplier| in [2^30, 2^31] or 0, real ~ multiplier * 2^(shift - 31).

    Magnitudes below 2^-32 become (0, 0). Negative values keep their sign in the multiplier.

    Raises:
      ValueError: if `real` is not finite, or its shift does not fit (above 30).
    """
    if not math.isfinite(real):
        raise ValueError(f"multiplier (={real}) must be finite")
    if real == 0:
        return 0, 0
    fraction, shift = math.frexp(real)
    # C's round(): halves away from zero.
    multiplier = int(math.copysign(math.floor(abs(fraction) * 2**31 + 0.5), fraction))
    if multiplier == 2**31:
        multiplier //= 2
        shift += 1
    if shift < -31:
        return 0, 0
    if shift > 30:
        raise ValueError(f"multiplier (={real}) is too large for a shift of at most 30 bits")
    return multiplier, shift


def doubling_high_mul(a: np.ndarray, b: np.ndarray | int) -> np.ndarray:
    """round(a * b / 2^31), halves away from zero as gemmlowp nudges them; int64 arrays holding int32 values."""
    product = np.asarray(a, np.int64) * np.asarray(b, np.int64)
    nudged = product + np.where(product >= 0, 2**30, 1 - 2**30)
    quotient = np.where(nudged >= 0, nudged >> 31, -(-nudged >> 31))  # C division truncates towards zero
    return np.minimum(quotient, INT32_MAX)


def rounding_shift_right(x: np.ndarray, exponent: np.ndarray | int) -> np.ndarray:
    """x / 2^exponent rounded to nearest, halves away from zero; int64 arrays holding int32 values."""
    exponent = np.asarray(exponent, np.int64)
    mask = (np.int64(1) << exponent) - 1
    remainder = np.asarray(x, np.int64) & mask
    threshold = (mask >> 1) + (np.asarray(x) < 0)
    return (np.asarray(x, np.int64) >> exponent) + (remainder > threshold)


def requantize(x: np.ndarray, multiplier: np.ndarray | int, shift: np.ndarray | int) -> np.ndarray:
    """x * multiplier * 2^(shift - 31) with TFLM's two roundings; int64 in, int64 out, values within int32.

    `x` must stay within int32 after a left shift; C wraps there, we do too.
    """
    shift = np.asarray(shift, np.int64)
    left = np.maximum(shift, 0)
    shifted = (np.asarray(x, np.int64) << left).astype(np.int32).astype(np.int64)
    return rounding_shift_right(doubling_high_mul(shifted, multiplier), np.maximum(-shift, 0))
