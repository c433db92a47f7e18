/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_softmax_s8.h"

#include "stj_fixed_point.h"
#include "stj_rows.h"

#define SUM_BITS 12 /* integer bits of a sum of exponentials: 4095 of them fit */

/* Probabilities of one position. */
static void softmax(const stj_softmax_params *params, const int8_t *in, uint8_t *out) {
    int32_t highest = in[0];
    for (int32_t c = 1; c < params->classes; c++) {
        highest = in[c] > highest ? in[c] : highest;
    }
    int32_t sum = 0;
    for (int32_t c = 0; c < params->classes; c++) {
        sum += stj_rounding_shift_right(params->exponentials[highest - in[c]], SUM_BITS);
    }
    /* The sum is at least 1.0: the highest element contributes that much. */
    uint32_t normal = (uint32_t)sum;
    int32_t headroom = 0;
    while ((normal & UINT32_C(0x80000000)) == 0) {
        normal <<= 1;
        headroom++;
    }
    const int32_t reciprocal = stj_one_over_one_plus((int32_t)(normal & UINT32_C(0x7fffffff)));
    const int32_t exponent = SUM_BITS - headroom + 31 - 8 * params->out_bytes;
    for (int32_t c = 0; c < params->classes; c++) {
        const int32_t share = stj_doubling_high_mul(params->exponentials[highest - in[c]], reciprocal);
        const int32_t result = exponent > 31 ? 0 : stj_rounding_shift_right(share, exponent);
        if (params->out_bytes == 1) {
            ((int8_t *)out)[c] = (int8_t)stj_clamp(result + INT8_MIN, INT8_MIN, INT8_MAX);
        } else {
            ((int16_t *)(void *)out)[c] = (int16_t)stj_clamp(result + INT16_MIN, INT16_MIN, INT16_MAX);
        }
    }
}

void stj_softmax_s8(const stj_softmax_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *from = (const int8_t *)stj_read_row(&in[0], y);
        uint8_t *to = stj_write_row(&out[0], y);
        for (int32_t x = 0; x < params->width; x++) {
            softmax(params, from + x * params->classes, to + x * params->classes * params->out_bytes);
        }
    }
}
