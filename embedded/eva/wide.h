/* SPDX-License-Identifier: Apache-2.0 */
/* Biases, multipliers and shifts of kernels on int16, in blocks of just the size that they have. */
#ifndef WIDE_H
#define WIDE_H

#include "stj_s16.h"
#include "unknown.h"

typedef struct {
    int32_t *bias;
    int16_t *multiplier;
    int8_t *shift;
} rescaling;

/* Of so many lanes: biases of up to 40 bits, which fit what rescaling makes of them. */
static inline rescaling unknown_rescaling(int32_t lanes) {
    rescaling found = {unknown_words(2 * lanes, 0, INT32_MAX), unknown_bytes(lanes * 2), unknown_bytes(lanes)};
    for (int32_t i = 0; i < lanes; i++) {
        found.bias[2 * i + 1] = unknown(-128, 127);
        found.multiplier[i] = (int16_t)unknown(0, INT16_MAX);
        found.shift[i] = (int8_t)unknown(-31, -9);
    }
    return found;
}

static inline void free_rescaling(const rescaling *found) {
    free(found->bias);
    free(found->multiplier);
    free(found->shift);
}

#endif
