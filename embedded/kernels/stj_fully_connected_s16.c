/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED on int16 in plain C: four outputs at a time, so that an input is loaded once for four products. */
#include "stj_fully_connected_s16.h"

#include <stddef.h>

#include "stj_dot_s16.h"
#include "stj_window.h"

enum { LANES = STJ_LANES_S16 };

static void compute_vector(const stj_fully_connected_s16_params *p, const int8_t *x, int8_t *out) {
    const stj_rescale_64 rescale = {p->bias, p->multiplier, p->shift, p->out_min, p->out_max};
    for (int32_t c = 0; c < p->out_depth; c += LANES) {
        const int32_t count = p->out_depth - c < LANES ? p->out_depth - c : LANES;
        int64_t sums[LANES] = {0, 0, 0, 0};
        stj_dot_s16(x, p->weights + c * p->in_depth, p->in_depth, sums);
        stj_store_64(&rescale, c, count, sums, out + c * STJ_S16_BYTES);
    }
}

void stj_fully_connected_s16(const stj_fully_connected_s16_params *params, const stj_in *in, const stj_out *out,
                             int32_t y0, int32_t y1) {
    const stj_fully_connected_s16_params *p = params;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *row = stj_out_row(out, y);
        for (int32_t v = 0; v < p->vectors_per_row; v++) {
            const int32_t start = (y * p->vectors_per_row + v) * p->in_depth * STJ_S16_BYTES;
            const int32_t in_row = start / in->row_bytes;
            const int8_t *x = stj_slot(in, in_row % in->capacity) + (start - in_row * in->row_bytes);
            compute_vector(p, x, row + v * p->out_depth * STJ_S16_BYTES);
        }
    }
}
