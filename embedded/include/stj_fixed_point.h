/* SPDX-License-Identifier: Apache-2.0 */
/* Reciprocals in 32-bit fixed point, exactly as TFLM computes them. The Python twin, with its sources, is
 * verify/ops/fixed_point.py. */
#ifndef STJ_FIXED_POINT_H
#define STJ_FIXED_POINT_H

#include "stj_requantize.h"

/* x * 2^bits, saturated. */
static inline int32_t stj_shift_left(int32_t x, int32_t bits) {
    const int64_t wide = (int64_t)x * (INT32_C(1) << bits);
    return wide > INT32_MAX ? INT32_MAX : wide < INT32_MIN ? INT32_MIN : (int32_t)wide;
}

/* 1 / (1 + x) for a fraction x of 2^31, in [0, 2^31): three Newton steps from a line. */
static inline int32_t stj_one_over_one_plus(int32_t x) {
    const int32_t half = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    /* 48/17 - 32/17 * half, with two integer bits. */
    int32_t estimate = 1515870810 + stj_doubling_high_mul(half, -1010580540);
    for (int step = 0; step < 3; step++) {
        const int32_t error = (INT32_C(1) << 29) - stj_doubling_high_mul(half, estimate);
        estimate += stj_shift_left(stj_doubling_high_mul(estimate, error), 2);
    }
    return stj_shift_left(estimate, 1);
}

/* Bits by which a positive number can be shifted to the left. */
static inline int32_t stj_headroom(int32_t x) {
    int32_t headroom = 0;
    while (((uint32_t)x << headroom & UINT32_C(0x40000000)) == 0) {
        headroom++;
    }
    return headroom;
}

#endif
