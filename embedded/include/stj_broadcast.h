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

#endif
