/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of elements that lie side by side: the input is walked once, in order, with no position to be computed. */
#include "stj_mean_inner_s8.h"

#include "stj_requantize.h"
#include "stj_window.h"

void stj_mean_inner_s8(const stj_mean_inner_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                       int32_t y1) {
    const stj_mean_inner_params *p = params;
    for (int32_t y = y0; y < y1; y++) {
        const int32_t first = y * p->row_elements;
        int8_t *row = stj_out_row(out, y);
        int32_t slot = first / p->per_row % in->capacity, left = p->per_row - first % p->per_row;
        const int8_t *from = stj_slot(in, slot) + (p->per_row - left) * p->count;
        for (int32_t i = 0; i < p->row_elements; i++) {
            int32_t sum = -p->less;
            if (left == 0) {
                slot = stj_next_slot(slot, 1, in->capacity);
                from = stj_slot(in, slot);
                left = p->per_row;
            }
            for (int32_t k = 0; k < p->count; k++) {
                sum += *from++;
            }
            left--;
            const int32_t scaled = stj_requantize(sum, p->multiplier, p->shift) + p->out_zero_point;
            row[i] = (int8_t)stj_clamp(scaled, INT8_MIN, INT8_MAX);
        }
    }
}
