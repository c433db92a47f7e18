/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_fully_connected_s8.h"

#include <stddef.h>

#include "stj_dot.h"
#include "stj_requantize.h"
#include "stj_window.h"

/* x * multiplier * 2^(shift - 31), rounded once, halves towards plus infinity. */
static int32_t requantize_once(int32_t x, int32_t multiplier, int32_t shift) {
    const int32_t right = 31 - shift;
    return (int32_t)(((int64_t)x * multiplier + (INT64_C(1) << (right - 1))) >> right);
}

static int8_t store(const stj_fully_connected_params *p, int32_t c, int32_t sum) {
    if (p->bias != NULL) {
        sum = (int32_t)((uint32_t)sum + (uint32_t)p->bias[c]); /* wraps, as in stj_rescale.h */
    }
    const int32_t entry = p->per_channel ? c : 0;
    const int32_t multiplier = p->multiplier[entry];
    const int32_t shift = p->shift[entry];
    const int32_t scaled =
        p->single_rounding ? requantize_once(sum, multiplier, shift) : stj_requantize(sum, multiplier, shift);
    return (int8_t)stj_clamp(scaled + p->out_zero_point, p->out_min, p->out_max);
}

static void compute_vector(const stj_fully_connected_params *p, const int8_t *x, int8_t *out) {
    for (int32_t c = 0; c < p->out_depth; c += 4) {
        const int32_t count = p->out_depth - c < 4 ? p->out_depth - c : 4;
        const stj_lanes lanes = stj_lanes_of(p->weights + c * p->in_depth, p->in_depth, count);
        int32_t sums[4] = {0, 0, 0, 0};
        stj_dot4(x, p->in_zero_point, &lanes, 0, p->in_depth, sums);
        for (int32_t k = 0; k < count; k++) {
            out[c + k] = store(p, c + k, sums[k]);
        }
    }
}

void stj_fully_connected_s8(const stj_fully_connected_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                            int32_t y1) {
    const stj_fully_connected_params *p = params;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *row = stj_out_row(out, y);
        for (int32_t v = 0; v < p->vectors_per_row; v++) {
            const int32_t element = (y * p->vectors_per_row + v) * p->in_depth;
            const int32_t in_row = element / in->row_bytes;
            const int8_t *x = stj_slot(in, in_row % in->capacity) + (element - in_row * in->row_bytes);
            compute_vector(p, x, row + v * p->out_depth);
        }
    }
}
