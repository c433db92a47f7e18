/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_pad_s8.h"

#include <string.h>

#include "stj_window.h"

/* The input row under output row `y`, or -1 where all of it is padding. */
static int32_t input_row(const stj_pad_params *p, int32_t y) {
    int32_t row = 0;
    int32_t stride = 1;
    for (int32_t axis = 2; axis >= 0; axis--) {
        const int32_t position = y % p->out_extent[axis] - p->before[axis];
        if (position < 0 || position >= p->in_extent[axis]) {
            return -1;
        }
        row += position * stride;
        stride *= p->in_extent[axis];
        y /= p->out_extent[axis];
    }
    return row;
}

void stj_pad_s8(const stj_pad_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_pad_params *p = params;
    for (int32_t y = y0; y < y1; y++) {
        int8_t *to = stj_out_row(out, y);
        memset(to, (int)p->value, (size_t)(p->out_extent[3] * p->out_extent[4]));
        const int32_t row = input_row(p, y);
        if (row < 0) {
            continue;
        }
        const int8_t *from = stj_slot(in, row % in->capacity);
        to += p->before[3] * p->out_extent[4] + p->before[4];
        for (int32_t i = 0; i < p->in_extent[3]; i++) {
            memcpy(to, from, (size_t)p->in_extent[4]);
            to += p->out_extent[4];
            from += p->in_extent[4];
        }
    }
}
