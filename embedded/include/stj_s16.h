/* SPDX-License-Identifier: Apache-2.0 */
/* int16 elements, and sums of 64 bits rescaled as TFLM does it. The Python twin, with its sources, is
 * verify/ops/wide/rescale.py. */
#ifndef STJ_S16_H
#define STJ_S16_H

#include <stdint.h>
#include <string.h>

#include "stj_nn.h"

enum { STJ_S16_BYTES = 2, STJ_LANES_S16 = 4 };

/* Tensors lie in memory at any byte. Where the machine loads halfwords from there, this is one load. */
static inline int32_t stj_load_s16(const int8_t *from) {
    int16_t value;
    memcpy(&value, from, sizeof value);
    return value;
}

static inline void stj_store_s16(int8_t *to, int32_t value) {
    const int16_t half = (int16_t)value;
    memcpy(to, &half, sizeof half);
}

/* x * multiplier * 2^(shift - 15), rounded once, halves towards plus infinity; x in [-2^47, 2^47), shift in [-31, 7].
 */
static inline int32_t stj_requantize_64(int64_t x, int32_t multiplier, int32_t shift) {
    const int32_t right = 15 - shift;
    return (int32_t)((x * multiplier + (INT64_C(1) << (right - 1))) >> right);
}

/* How sums become results. */
typedef struct {
    const int32_t *bias;       /* [channels, 2]: lower and upper word of 64 bits; NULL where there is none */
    const int16_t *multiplier; /* [channels], >= 0 */
    const int8_t *shift;       /* [channels], in [-31, 7] */
    int32_t out_min, out_max;
} stj_rescale_64;

static inline int64_t stj_bias_64(const int32_t *words) {
    return (int64_t)(((uint64_t)(uint32_t)words[1] << 32) | (uint32_t)words[0]);
}

/* Results of `count` channels from `first` on, from their sums of products. */
static inline void stj_store_64(const stj_rescale_64 *rescale, int32_t first, int32_t count, const int64_t *sums,
                                int8_t *out) {
    for (int32_t k = 0; k < count; k++) {
        const int32_t c = first + k;
        const int64_t sum = rescale->bias != NULL ? sums[k] + stj_bias_64(rescale->bias + 2 * c) : sums[k];
        const int32_t scaled = stj_requantize_64(sum, rescale->multiplier[c], rescale->shift[c]);
        const int32_t high = scaled < rescale->out_max ? scaled : rescale->out_max;
        stj_store_s16(out + k * STJ_S16_BYTES, high > rescale->out_min ? high : rescale->out_min);
    }
}

#endif
