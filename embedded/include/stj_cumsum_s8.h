/* SPDX-License-Identifier: Apache-2.0 */
/* CUMSUM of int8 along one axis. */
#ifndef STJ_CUMSUM_S8_H
#define STJ_CUMSUM_S8_H

#include "stj_nn.h"

typedef struct {
    int32_t leading[2];     /* extents of the second and third leading axis; rows are counted over all three */
    int32_t row_bytes;      /* of operand and result */
    int32_t axis;           /* 0 to 2: a leading one, 3: one within the row */
    int32_t extent;         /* of the axis */
    int32_t step;           /* from one position of the axis to the next: rows, or bytes within the row */
    int32_t exclusive;      /* 1: sums end before each position */
    int32_t reverse;        /* 1: sums begin at the end of the axis */
    int32_t in_zero_point;  /* in [-128, 127] */
    int32_t multiplier;     /* from sums with 19 bits below the point to the result's steps */
    int32_t shift;          /* in [-31, 0] */
    int32_t out_zero_point; /* in [-128, 127] */
} stj_cumsum_params;

/* Computes rows [y0, y1) of out[0] from in[0]. */
void stj_cumsum_s8(const stj_cumsum_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
