/* SPDX-License-Identifier: Apache-2.0 */
/* ARG_MAX and ARG_MIN of int8 along one axis; results are int32. Facts and sources: verify/ops/arg_max.py. */
#ifndef STJ_ARG_MAX_S8_H
#define STJ_ARG_MAX_S8_H

#include "stj_broadcast.h"

typedef struct {
    stj_broadcast_result result; /* with extent 1 along the axis that is reduced */
    stj_broadcast operand;       /* where the first element of each result is */
    int32_t count;               /* elements along that axis, >= 1 */
    int32_t row_step, byte_step; /* from one of them to the next: rows, and bytes within the row */
    int32_t smaller;             /* 0: where the largest value is, 1: the smallest; of equal ones the first */
} stj_arg_max_params;

/* Computes rows [y0, y1) of out[0], int32, from in[0]. */
void stj_arg_max_s8(const stj_arg_max_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
