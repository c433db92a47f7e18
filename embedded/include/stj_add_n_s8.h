/* SPDX-License-Identifier: Apache-2.0 */
/* ADD_N of int8 operands of one shape and quantization. */
#ifndef STJ_ADD_N_S8_H
#define STJ_ADD_N_S8_H

#include "stj_nn.h"

typedef struct {
    int32_t row_bytes;      /* of operands and result */
    int32_t count;          /* of operands */
    int32_t in_zero_point;  /* in [-128, 127] */
    int32_t multiplier;     /* from sums with 19 bits below the point to the result's steps */
    int32_t shift;          /* in [-31, 0] */
    int32_t out_zero_point; /* in [-128, 127] */
} stj_add_n_params;

/* Computes rows [y0, y1) of out[0] from in[0 .. count - 1], any of which may lie where the result does. */
void stj_add_n_s8(const stj_add_n_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
