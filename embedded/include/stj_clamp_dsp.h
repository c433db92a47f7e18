/* SPDX-License-Identifier: Apache-2.0 */
/* The range that a fused activation leaves, for kernels whose results saturate to int8 by themselves. */
#ifndef STJ_CLAMP_DSP_H
#define STJ_CLAMP_DSP_H

#include "stj_dsp.h"
#include "stj_nn.h"

/* Brings values that lie side by side within [low, high]. Most operators leave all of int8, and nothing is done. */
static STJ_NOINLINE void stj_clamp_values(int8_t *values, int32_t count, int32_t low, int32_t high) {
    const int32_t least = stj_four_bytes(low), most = stj_four_bytes(high);
    if (low <= INT8_MIN && high >= INT8_MAX) {
        return;
    }
    for (; count >= 4; count -= 4) {
        stj_store_word(values, stj_min_bytes(stj_max_bytes(stj_load_word(values), least), most));
        values += 4;
    }
    for (; count > 0; count--) {
        const int32_t above = *values < low ? low : *values;
        *values++ = (int8_t)(above > high ? high : above);
    }
}

#endif
