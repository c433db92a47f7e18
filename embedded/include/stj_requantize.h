/* SPDX-License-Identifier: Apache-2.0 */
/* Fixed-point rescaling of int32 accumulators, exactly as TFLM does it (rounds twice). The Python twin, with its
 * sources, is verify/ops/requantize.py. */
#ifndef STJ_REQUANTIZE_H
#define STJ_REQUANTIZE_H

#include <stdint.h>

/* round(a * b / 2^31), saturated: only INT32_MIN * INT32_MIN does not fit. */
static inline int32_t stj_doubling_high_mul(int32_t a, int32_t b) {
    if (a == INT32_MIN && b == INT32_MIN) {
        return INT32_MAX;
    }
    /* gemmlowp adds 2^30 or 1 - 2^30 by sign and divides towards zero. This gives the same: for a negative product -m,
     * -floor((m - 1 + 2^30) / 2^31) = floor((2^30 - m) / 2^31). Right shifts of negative numbers are arithmetic here.
     */
    return (int32_t)(((int64_t)a * b + (INT64_C(1) << 30)) >> 31);
}

/* x / 2^exponent to nearest, halves away from zero; exponent in [0, 31]. */
static inline int32_t stj_rounding_shift_right(int32_t x, int32_t exponent) {
    const int32_t mask = (int32_t)((UINT32_C(1) << exponent) - 1);
    const int32_t remainder = x & mask;
    const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/* x * multiplier * 2^(shift - 31); shift in [-31, 30], negative shifts right. */
static inline int32_t stj_requantize(int32_t x, int32_t multiplier, int32_t shift) {
    if (shift > 0) {
        return stj_doubling_high_mul((int32_t)((uint32_t)x << shift), multiplier);
    }
    return stj_rounding_shift_right(stj_doubling_high_mul(x, multiplier), -shift);
}

static inline int32_t stj_clamp(int32_t x, int32_t lo, int32_t hi) { return x < lo ? lo : x > hi ? hi : x; }

#endif
