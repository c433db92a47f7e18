/* SPDX-License-Identifier: Apache-2.0 */
/* REDUCE_MAX and REDUCE_MIN on int8 over any axes. Facts and sources: verify/ops/reduce_max.py. */
#ifndef STJ_REDUCE_MAX_S8_H
#define STJ_REDUCE_MAX_S8_H

#include "stj_nn.h"

/* The input is seen as five axes: three leading ones whose product is the count of rows, then the two of a row. */
typedef struct {
    int32_t extent[5];    /* of the input, >= 1 */
    int32_t step[5];      /* elements of the output per step along each of them, 0 where it is reduced */
    int32_t row_elements; /* elements of an output row, >= 1 */
    int32_t by_rows;      /* 1: output row y is made of input row y alone; 0: of all rows that `extent` counts */
    int32_t smaller;      /* 0: the largest of the values, 1: the smallest */
} stj_reduce_max_params;

/* Computes output rows [y0, y1), each row_elements elements of the kept positions in order, from in[0], whose rows are
 * [extent[3], extent[4]]. All input rows that these positions are made of must be present; where that is not by rows,
 * they are all output rows that these input rows make. */
void stj_reduce_max_s8(const stj_reduce_max_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                       int32_t y1);

#endif
