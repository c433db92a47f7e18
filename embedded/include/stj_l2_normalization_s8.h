/* SPDX-License-Identifier: Apache-2.0 */
/* L2_NORMALIZATION on int8 along the last axis. Facts and sources: verify/ops/l2_normalization.py. */
#ifndef STJ_L2_NORMALIZATION_S8_H
#define STJ_L2_NORMALIZATION_S8_H

#include "stj_nn.h"

typedef struct {
    int32_t width;      /* vectors of a row */
    int32_t channels;   /* elements of a vector; the sum of their squares must fit int32 */
    int32_t zero_point; /* of the operand, in [-128, 127]; the result's is 0, its scale 1/128 */
} stj_l2_normalization_params;

/* Computes rows [y0, y1) of out[0] from in[0], which may lie where the result does. */
void stj_l2_normalization_s8(const stj_l2_normalization_params *params, const stj_in *in, const stj_out *out,
                             int32_t y0, int32_t y1);

#endif
