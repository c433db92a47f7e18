/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_svdf_filters_s8.h"

#include "stj_requantize.h"
#include "stj_rows.h"

static int32_t filtered(const stj_svdf_filters_params *p, const int8_t *x, int32_t f) {
    const int8_t *w = p->weights + f * p->depth;
    uint32_t sum = (uint32_t)p->bias[f]; /* modulo 2^32: only whole sums need to fit */
    for (int32_t k = 0; k < p->depth; k++) {
        sum += (uint32_t)(x[k] * w[k]);
    }
    return stj_requantize((int32_t)sum, p->multiplier, p->shift);
}

void stj_svdf_filters_s8(const stj_svdf_filters_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1) {
    const stj_svdf_filters_params *p = params;
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *x = (const int8_t *)stj_read_row(in, y);
        uint8_t *to = stj_write_row(out, y);
        for (int32_t f = 0; f < p->filters; f++) {
            const int32_t value = filtered(p, x, f);
            if (p->element_bytes == 1) {
                ((int8_t *)to)[f] = (int8_t)stj_clamp(value, INT8_MIN, INT8_MAX);
            } else {
                ((int16_t *)(void *)to)[f] = (int16_t)stj_clamp(value, INT16_MIN, INT16_MAX);
            }
        }
    }
}
