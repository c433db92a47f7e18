/* SPDX-License-Identifier: Apache-2.0 */
/* Copies boxes of elements between tensors: TRANSPOSE, SLICE, STRIDED_SLICE, CONCATENATION, PACK, SPLIT, SPLIT_V,
 * UNPACK and others that only move elements. Elements have any size.
 *
 * A result is seen with five axes: three leading ones, over which its rows are counted, then width and channels, which
 * span a row. A box is a range along each of them. One step along an axis of the box is a fixed step in the operand, in
 * rows or in bytes within a row. */
#ifndef STJ_MOVE_H
#define STJ_MOVE_H

#include "stj_nn.h"

/* One box. */
typedef struct {
    int32_t source;       /* which operand */
    int32_t target;       /* which result */
    int32_t leading[2];   /* extents of the result's second and third leading axis */
    int32_t begin[3];     /* first position of the box along the leading axes */
    int32_t extent[5];    /* positions of the box along all axes, >= 1 */
    int32_t out_byte;     /* within a row of the result, where the box starts */
    int32_t out_step;     /* bytes there from one column of the box to the next */
    int32_t in_row;       /* row of the operand that holds the box's first element */
    int32_t in_byte;      /* byte of that row where it starts */
    int32_t row_step[5];  /* rows of the operand per step along each axis, any sign */
    int32_t byte_step[5]; /* bytes within the operand's row per step along each axis, any sign */
} stj_move_box;

typedef struct {
    int32_t element_bytes;
    int32_t count;        /* of boxes */
    const int32_t *boxes; /* [count] times the fields of stj_move_box in order */
} stj_move_params;

/* Computes rows [y0, y1) of all results. */
void stj_move(const stj_move_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
