/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN and SUM on int8 over any axes. Facts and sources: verify/ops/mean.py. */
#ifndef STJ_MEAN_S8_H
#define STJ_MEAN_S8_H

#include "stj_nn.h"

/* The input is seen as five axes: three leading ones whose product is the count of rows, then the two of a row. */
typedef struct {
    int32_t extent[5];      /* of the input, >= 1 */
    int32_t reduced[5];     /* 1: summed over, 0: kept */
    int32_t row_elements;   /* elements of an output row, >= 1 */
    int32_t multiplier;     /* of the sum, the mean's division included; in [0, 2^31) */
    int32_t shift;          /* in [-31, 30]; positive shifts left */
    int32_t in_zero_point;  /* [-128, 127] */
    int32_t out_zero_point; /* [-128, 127] */
} stj_mean_params;

/* Computes output rows [y0, y1), each row_elements elements of the kept positions in order, from in[0], whose rows are
 * [extent[3], extent[4]]. All input rows that these positions sum over must be present. */
void stj_mean_s8(const stj_mean_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
