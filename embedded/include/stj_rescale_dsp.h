/* SPDX-License-Identifier: Apache-2.0 */
/* Rescaling of accumulators in one multiplication, bit for bit TFLM's two roundings. Why it is exact, and what the
 * exporter stores per channel: verify/targets/cortex_m_dsp/rescaling.py.
 *
 * `a` is the accumulator times 2^bits. Multiplier, addend and shift are the channel's; that the sums below fit int32 is
 * part of claim C6. Right shifts of negative numbers are arithmetic here. What follows on a Cortex-M:
 *
 *     bits = 1                 ADD    t, addend, a ASR #31      only where halves go away from zero below the zero
 * point SMMLAR t, a, multiplier, t ASR    t, shift SSAT   t, #8
 *
 *     bits >= 2                SMMLA  t, a, multiplier, addend
 *                              ASR    t, shift                  not needed if the shift is a constant: SSAT #8, t, ASR
 * # SSAT   t, #8 and to correct halves    ASR    a, #31;  ADD t, t, a LSL #(bits - 1)     before the shift
 */
#ifndef STJ_RESCALE_DSP_H
#define STJ_RESCALE_DSP_H

#include "stj_dsp.h"
#include <stdint.h>

#if defined(__ARM_FEATURE_SAT)
#include <arm_acle.h>
#endif

/* addend + floor(a * multiplier / 2^32) */
static inline int32_t stj_smmla(int32_t a, int32_t multiplier, int32_t addend) {
#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__)
    int32_t sum;
    __asm__("smmla %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(multiplier), "r"(addend));
    return sum;
#else
    return addend + (int32_t)(((int64_t)a * multiplier) >> 32);
#endif
}

/* addend + floor(a * multiplier / 2^32 + 1/2) */
static inline int32_t stj_smmlar(int32_t a, int32_t multiplier, int32_t addend) {
#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__)
    int32_t sum;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(multiplier), "r"(addend));
    return sum;
#else
    return addend + (int32_t)(((int64_t)a * multiplier + (INT64_C(1) << 31)) >> 32);
#endif
}

/* Twice the accumulator (bits = 1). */
static inline int32_t stj_rescale_twice(int32_t a, int32_t multiplier, int32_t addend, int32_t shift) {
    return stj_smmlar(a, multiplier, addend) >> shift;
}

/* The same, with halves away from zero below the zero point. */
static inline int32_t stj_rescale_twice_away(int32_t a, int32_t multiplier, int32_t addend, int32_t shift) {
    return stj_smmlar(a, multiplier, addend + (a >> 31)) >> shift;
}

/* The accumulator times 4 or more. */
static inline int32_t stj_rescale_scaled(int32_t a, int32_t multiplier, int32_t addend, int32_t shift) {
    return stj_smmla(a, multiplier, addend) >> shift;
}

/* The same, with halves away from zero below the zero point. */
static inline int32_t stj_rescale_scaled_away(int32_t a, int32_t multiplier, int32_t addend, int32_t shift,
                                              int32_t bits) {
    return (stj_smmla(a, multiplier, addend) - (a < 0 ? INT32_C(1) << (bits - 1) : 0)) >> shift;
}

/* To int8: SSAT, which takes a shift to the right by a constant, too. */
static inline int8_t stj_saturated(int32_t x) {
#if defined(__ARM_FEATURE_SAT)
    return stj_ssat_8(x);
#else
    return (int8_t)(x < -128 ? -128 : x > 127 ? 127 : x);
#endif
}

#endif
