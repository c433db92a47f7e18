/* SPDX-License-Identifier: Apache-2.0 */
/* BATCH_MATMUL of two int8 activations, and FULLY_CONNECTED whose weights are computed. */
#ifndef STJ_BATCH_MATMUL_S8_H
#define STJ_BATCH_MATMUL_S8_H

#include "stj_broadcast.h"

/* Steps of one operand, in rows and in bytes within the row: along the result's three leading axes, its width and its
 * channels, and along the sum. Where one along the channels or along the sum leads to other rows, all rows of the
 * operand are there, one after the other. */
typedef struct {
    int32_t row_step[5], byte_step[5];
    int32_t depth_rows, depth_bytes;
} stj_batch_matmul_operand;

/* Pairs hold the first operand's value, then the second's. Multiplier and shift are those of stj_requantize.h. */
typedef struct {
    stj_broadcast_result result;
    stj_batch_matmul_operand operands[2];
    int32_t in_zero_point[2]; /* in [-128, 127] */
    int32_t depth;            /* products of one sum */
    int32_t multiplier;       /* from the product of the operands' scales to the result's */
    int32_t shift;            /* in [-31, 30] */
    int32_t out_zero_point;   /* in [-128, 127] */
    int32_t out_min, out_max; /* stored range that the fused activation leaves, within [-128, 127] */
    const int32_t *bias;      /* [channels] of the result, or NULL */
} stj_batch_matmul_params;

/* Computes rows [y0, y1) of out[0] from in[0] and in[1]. */
void stj_batch_matmul_s8(const stj_batch_matmul_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1);

#endif
