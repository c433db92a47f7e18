/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX on int16. Exponentials stand in the result until their sum is known. */
#include "stj_softmax_s16.h"

#include "stj_requantize.h"
#include "stj_rows.h"
#include "stj_s16.h"

/* The lines' value at x, INT16_MIN .. INT16_MAX from the first to the last entry. */
static int32_t between(const int16_t *entries, int32_t x) {
    const int16_t *place = entries + 256 + (x >> 7);
    return place[0] + (((place[1] - place[0]) * (x & 127) + 64) >> 7);
}

/* Probabilities of one position of `bytes`. */
static STJ_NOINLINE void softmax(const stj_softmax_s16_params *p, const int8_t *in, int8_t *out) {
    const int32_t bytes = p->classes * STJ_S16_BYTES;
    int32_t highest = INT16_MIN, sum = 0;
    for (int32_t i = 0; i < bytes; i += STJ_S16_BYTES) {
        const int32_t value = stj_load_s16(in + i);
        highest = value > highest ? value : highest;
    }
    for (int32_t i = 0; i < bytes; i += STJ_S16_BYTES) {
        const int32_t scaled = stj_requantize(stj_load_s16(in + i) - highest, p->multiplier, p->shift) + INT16_MAX;
        const int32_t exponential = between(p->exponentials, stj_clamp(scaled, INT16_MIN, INT16_MAX));
        stj_store_s16(out + i, exponential);
        sum += exponential;
    }
    int32_t right = 30; /* place of the sum's highest bit; the largest element alone has bit 14 */
    while (right > 14 && sum >> right == 0) {
        right--;
    }
    const int32_t normal = ((sum << (30 - right)) + (1 << 13)) >> 14;
    const int32_t centred = normal - (INT32_C(1) << 15) - (INT32_C(1) << 16);
    const int32_t reciprocal = between(p->reciprocals, stj_clamp(centred, INT16_MIN, INT16_MAX));
    for (int32_t i = 0; i < bytes; i += STJ_S16_BYTES) {
        const int64_t product = (int64_t)stj_load_s16(out + i) * reciprocal + (INT64_C(1) << (right - 1));
        stj_store_s16(out + i, stj_clamp((int32_t)(product >> right), 0, INT16_MAX));
    }
}

void stj_softmax_s16(const stj_softmax_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                     int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *from = (const int8_t *)stj_read_row(in, y);
        int8_t *to = (int8_t *)stj_write_row(out, y);
        for (int32_t x = 0; x < params->width; x++) {
            const int32_t at = x * params->classes * STJ_S16_BYTES;
            softmax(params, from + at, to + at);
        }
    }
}
