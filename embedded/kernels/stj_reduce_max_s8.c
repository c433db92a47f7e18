/* SPDX-License-Identifier: Apache-2.0 */
/* REDUCE_MAX and REDUCE_MIN in plain C: input rows are walked in order, each element is taken into its output. */
#include "stj_reduce_max_s8.h"

#include <string.h>

#include "stj_rows.h"

/* Takes `count` values into outputs that are `step` apart, 0 or 1. */
static STJ_NOINLINE void take(const int8_t *x, int32_t count, int32_t step, int32_t smaller, int8_t *to) {
    for (int32_t c = 0; c < count; c++, to += step) {
        *to = (x[c] < *to) == (smaller != 0) ? x[c] : *to;
    }
}

/* Takes a row in, whose first element belongs to output element `first` of those from row `y0` on. */
static void take_row(const stj_reduce_max_params *p, const int8_t *row, const stj_out *out, int32_t y0, int32_t first) {
    for (int32_t x = 0; x < p->extent[3]; x++, row += p->extent[4]) {
        const int32_t element = first + x * p->step[3];
        int8_t *to = (int8_t *)stj_write_row(out, y0 + element / p->row_elements);
        take(row, p->extent[4], p->step[4], p->smaller, to + element % p->row_elements);
    }
}

void stj_reduce_max_s8(const stj_reduce_max_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                       int32_t y1) {
    const stj_reduce_max_params *p = params;
    for (int32_t y = y0; y < y1; y++) {
        memset(stj_write_row(out, y), p->smaller ? INT8_MAX : INT8_MIN, (size_t)p->row_elements);
        if (p->by_rows) {
            take_row(p, (const int8_t *)stj_read_row(in, y), out, y, 0);
        }
    }
    const int32_t rows = p->by_rows ? 0 : p->extent[0] * p->extent[1] * p->extent[2];
    for (int32_t row = 0; row < rows; row++) {
        int32_t position[3];
        stj_leading_axes(row, p->extent + 1, position);
        const int32_t first = position[0] * p->step[0] + position[1] * p->step[1] + position[2] * p->step[2];
        take_row(p, (const int8_t *)stj_read_row(in, row), out, y0, first);
    }
}
