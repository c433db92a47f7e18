/* SPDX-License-Identifier: Apache-2.0 */
/* Operands that stretch to the result's shape, for kernels with two operands.
 *
 * The result is walked as rows of [width, channels]. An operand takes a fixed step in its own memory for each step
 * along an axis of the result, 0 where it has one element for all positions. Its rows may be other rows than the
 * result's: a matrix [width, channels] that stretches over all rows has one row per column of the result. */
#ifndef STJ_BROADCAST_H
#define STJ_BROADCAST_H

#include "stj_rows.h"

/* Steps of one operand. */
typedef struct {
    int32_t row_step[4];  /* rows, for the result's three leading axes and its width */
    int32_t byte_step[2]; /* bytes within the row, for the result's width and its channels */
} stj_broadcast;

/* Extents of the result. */
typedef struct {
    int32_t leading[2]; /* of its second and third leading axis; rows are counted over all three */
    int32_t width;
    int32_t channels;
} stj_broadcast_result;

/* The operand's row that belongs to column 0 of result row `y`. */
static inline int32_t stj_broadcast_row(const stj_broadcast *operand, const stj_broadcast_result *result, int32_t y) {
    int32_t position[3];
    stj_leading_axes(y, result->leading, position);
    return position[0] * operand->row_step[0] + position[1] * operand->row_step[1] + position[2] * operand->row_step[2];
}

/* The operand's first element for column `x`, given its row for column 0. */
static inline const int8_t *stj_broadcast_column(const stj_broadcast *operand, const stj_in *in, int32_t row,
                                                 int32_t x) {
    return (const int8_t *)stj_read_row(in, row + x * operand->row_step[3]) + x * operand->byte_step[0];
}

/* Computes to[0 .. count - 1] from `count` elements of two operands, which are `step0` and `step1` bytes apart;
 * `params` is the kernel's own struct. */
typedef void stj_combine(const void *params, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1, int8_t *to,
                         int32_t count);

/* Result rows [y0, y1) of two operands, pixel by pixel; an element of the result has `bytes`. */
STJ_TEMPLATE void stj_over_broadcast_of(stj_combine *combine, const void *params, const stj_broadcast operands[2],
                                        const stj_broadcast_result *result, int32_t bytes, const stj_in *in,
                                        const stj_out *out, int32_t y0, int32_t y1) {
    const int32_t step0 = operands[0].byte_step[1];
    const int32_t step1 = operands[1].byte_step[1];
    for (int32_t y = y0; y < y1; y++) {
        const int32_t row0 = stj_broadcast_row(&operands[0], result, y);
        const int32_t row1 = stj_broadcast_row(&operands[1], result, y);
        int8_t *to = (int8_t *)stj_write_row(out, y);
        for (int32_t x = 0; x < result->width; x++) {
            const int8_t *a = stj_broadcast_column(&operands[0], &in[0], row0, x);
            const int8_t *b = stj_broadcast_column(&operands[1], &in[1], row1, x);
            combine(params, a, step0, b, step1, to, result->channels);
            to += result->channels * bytes;
        }
    }
}

/* The same for results of single bytes. */
STJ_TEMPLATE void stj_over_broadcast(stj_combine *combine, const void *params, const stj_broadcast operands[2],
                                     const stj_broadcast_result *result, const stj_in *in, const stj_out *out,
                                     int32_t y0, int32_t y1) {
    stj_over_broadcast_of(combine, params, operands, result, 1, in, out, y0, y1);
}

#endif
