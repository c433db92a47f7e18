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
    const int64_t product = (int64_t)a * b;
    const int64_t nudge = product >= 0 ? (INT64_C(1) << 30) : 1 - (INT64_C(1) << 30);
    return (int32_t)((product + nudge) / (INT64_C(1) << 31));
}

/* x / 2^exponent to nearest, halves away from zero; exponent in [0, 31]. */
static inline int32_t stj_rounding_shift_right(int32_t x, int32_t exponent) {
    const int32_t mask = (int32_t)((INT64_C(1) << exponent) - 1);
    const int32_t remainder = x & mask;
    const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
    return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/* x * multiplier * 2^(shift - 31); shift in [-31, 30], negative shifts right. */
static inline int32_t stj_requantize(int32_t x, int32_t multiplier, int32_t shift) {
    const int32_t left = shift > 0 ? shift : 0;
    const int32_t right = shift > 0 ? 0 : -shift;
    const int32_t shifted = (int32_t)((uint32_t)x << left);
    return stj_rounding_shift_right(stj_doubling_high_mul(shifted, multiplier), right);
}

static inline int32_t stj_clamp(int32_t x, int32_t lo, int32_t hi) { return x < lo ? lo : x > hi ? hi : x; }

#endif
