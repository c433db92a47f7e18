/* SPDX-License-Identifier: Apache-2.0 */
/* What Helium's elementwise kernels share: one multiplier for all elements, four of which are the lanes of a vector. */
#ifndef STJ_MVE_ELEMENTS_H
#define STJ_MVE_ELEMENTS_H

#include "stj_mve.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

/* A scale as stj_requantize.h has it, the shift to the right or none. */
typedef struct {
    int32_t multiplier;
    int32_t shift; /* in [-31, 0] */
} stj_mve_scale;

/* x * multiplier * 2^(shift - 31) with TFLM's two roundings: where the shift is not 0, one is taken off what is
 * negative, so that VRSHL's halves, which go up, go away from zero. */
STJ_TEMPLATE int32x4_t stj_mve_scaled(int32x4_t x, const stj_mve_scale *scale, int32_t shifts) {
    const int32x4_t high = vqrdmulhq_n_s32(x, scale->multiplier);
    return shifts ? vrshlq_n_s32(vaddq_s32(high, vshrq_n_s32(high, 31)), scale->shift) : high;
}

/* Four int8 elements as lanes, `step` (0 or 1) bytes apart. */
STJ_TEMPLATE int32x4_t stj_mve_lanes(const int8_t *from, int32_t step, mve_pred16_t some, int32_t all) {
    if (all) {
        return step ? vldrbq_s32(from) : vdupq_n_s32(*from);
    }
    return step ? vldrbq_z_s32(from, some) : vdupq_n_s32(*from);
}

#endif
#endif
