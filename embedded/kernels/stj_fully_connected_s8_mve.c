/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors are pixels to it: up to four of an output row at once (stj_mve_products.h). */
#include "stj_fully_connected_s8_mve.h"

#include "stj_mve_products.h"
#include "stj_window.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

void stj_fully_connected_s8_mve(const stj_fully_connected_mve_params *params, const stj_in *in, const stj_out *out,
                                int32_t y0, int32_t y1) {
    const stj_fully_connected_mve_params *p = params;
    const stj_mve_layer layer = {p->weights, p->in_depth, p->out_depth, p->out_zero_point, p->halves};
    for (int32_t y = y0; y < y1; y++) {
        int8_t *row = stj_out_row(out, y);
        for (int32_t v = 0; v < p->vectors_per_row; v += 4) {
            const int32_t count = p->vectors_per_row - v < 4 ? p->vectors_per_row - v : 4;
            const int8_t *x[4];
            for (int32_t k = 0; k < count; k++) {
                const int32_t element = (y * p->vectors_per_row + v + k) * p->in_depth;
                const int32_t in_row = element / in->row_bytes;
                x[k] = stj_slot(in, in_row % in->capacity) + (element - in_row * in->row_bytes);
            }
            stj_mve_pixels(&layer, x, row + v * p->out_depth, count);
        }
        stj_mve_clamp(row, p->vectors_per_row * p->out_depth, p->out_min, p->out_max);
    }
}

#endif
