/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN and SUM on int8 over elements that lie side by side. Facts and sources: verify/ops/mean.py. */
#ifndef STJ_MEAN_INNER_S8_H
#define STJ_MEAN_INNER_S8_H

#include "stj_nn.h"

/* Each result is of `count` elements of one input row, which holds those of `per_row` results in order. */
typedef struct {
    int32_t count, per_row; /* >= 1 */
    int32_t row_elements;   /* results of an output row, >= 1 */
    int32_t less;           /* count * the input's zero point */
    int32_t multiplier;     /* of the sum, the mean's division included; in [0, 2^31) */
    int32_t shift;          /* in [-31, 30]; positive shifts left */
    int32_t out_zero_point; /* [-128, 127] */
} stj_mean_inner_params;

/* Computes output rows [y0, y1) from in[0]. All input rows that these sum over must be present. */
void stj_mean_inner_s8(const stj_mean_inner_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                       int32_t y1);

#endif
