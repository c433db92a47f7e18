/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of products of int16 inputs and int8 weights, for the kernels that compute several channels at once. */
#ifndef STJ_DOT_S16_H
#define STJ_DOT_S16_H

#include "stj_s16.h"

enum { STJ_CHUNK_S16 = 256 };

/* Adds the products of `count` inputs with the weights of four channels, [count, 4]. As many products as a chunk has
 * fit 32 bits: each is at most 2^22. */
static STJ_NOINLINE void stj_dot_s16(const int8_t *x, const int8_t *w, int32_t count, int64_t sums[STJ_LANES_S16]) {
    while (count > 0) {
        const int32_t chunk = count < STJ_CHUNK_S16 ? count : STJ_CHUNK_S16;
        int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        for (const int8_t *end = x + chunk * STJ_S16_BYTES; x != end; x += STJ_S16_BYTES, w += STJ_LANES_S16) {
            const int32_t value = stj_load_s16(x);
            s0 += value * w[0];
            s1 += value * w[1];
            s2 += value * w[2];
            s3 += value * w[3];
        }
        sums[0] += s0, sums[1] += s1, sums[2] += s2, sums[3] += s3;
        count -= chunk;
    }
}

#endif
