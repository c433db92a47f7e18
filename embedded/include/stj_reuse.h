/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows of a frame differ from the frame before: what stj_model_push_frame_rows of a generated model asks for. */
#ifndef STJ_REUSE_H
#define STJ_REUSE_H

#include <stdint.h>

static inline int32_t stj_larger(int32_t a, int32_t b) { return a > b ? a : b; }

static inline int32_t stj_smaller(int32_t a, int32_t b) { return a < b ? a : b; }

/* Whether a row of int8 values differs anywhere by more than `tolerance` steps, 0 to 255. */
static inline int32_t stj_row_differs(const int8_t *before, const int8_t *now, int32_t count, int32_t tolerance) {
    for (int32_t k = 0; k < count; k++) {
        const int32_t step = now[k] - before[k];
        if (step > tolerance || -step > tolerance) {
            return 1;
        }
    }
    return 0;
}

/* The rows [*first, *last) outside which no row differs from the frame before; *first == *last where none does.
 *
 * frames   [rows, row_bytes], int8
 * tolerance  0: what is left out of [*first, *last) is equal, and results are those of the whole frame, bit for bit.
 *            Above: rows that hardly differ are left out too. Compare with the frame as it was pushed, rows left out
 *            being those of the frame before, so that a slow drift adds up until it counts. */
static inline void stj_changed_rows(const int8_t *before, const int8_t *now, int32_t rows, int32_t row_bytes,
                                    int32_t tolerance, int32_t *first, int32_t *last) {
    int32_t lo = 0, hi = rows;
    while (lo < hi && !stj_row_differs(before + lo * row_bytes, now + lo * row_bytes, row_bytes, tolerance)) {
        lo++;
    }
    while (hi > lo &&
           !stj_row_differs(before + (hi - 1) * row_bytes, now + (hi - 1) * row_bytes, row_bytes, tolerance)) {
        hi--;
    }
    *first = lo;
    *last = hi;
}

#endif
