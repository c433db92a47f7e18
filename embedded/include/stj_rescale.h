/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a convolution: accumulators to stored outputs. */
#ifndef STJ_RESCALE_H
#define STJ_RESCALE_H

#include <stddef.h>

#include "stj_requantize.h"

/* Per-channel rescaling. Kernels fill one in per call: its address goes nowhere else, so its fields stay in registers
 * while outputs, which might alias a parameter struct, are written. */
typedef struct {
    const int32_t *bias;       /* one per channel, or NULL */
    const int32_t *multiplier; /* one per channel */
    const int8_t *shift;       /* one per channel */
    int32_t zero_point;
    int32_t low, high;
} stj_rescale;

/* Writes the outputs of channels [channel, channel + count) from their sums. */
static __attribute__((noinline)) void stj_store(const stj_rescale *rescale, int32_t channel, int32_t count,
                                                const int32_t *restrict sums, int8_t *restrict out) {
    const int32_t *bias = rescale->bias;
    const int32_t *multiplier = rescale->multiplier + channel;
    const int8_t *shift = rescale->shift + channel;
    const int32_t zero_point = rescale->zero_point;
    const int32_t low = rescale->low;
    const int32_t high = rescale->high;
    for (int32_t k = 0; k < count; k++) {
        /* Wraps: real models carry biases of INT32_MAX, in channels whose multiplier is 0 (claim C6 shows it). */
        const int32_t sum = (int32_t)((uint32_t)sums[k] + (bias != NULL ? (uint32_t)bias[channel + k] : 0u));
        const int32_t scaled = stj_requantize(sum, multiplier[k], shift[k]) + zero_point;
        out[k] = (int8_t)stj_clamp(scaled, low, high);
    }
}

#endif
