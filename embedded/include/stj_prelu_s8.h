/* SPDX-License-Identifier: Apache-2.0 */
/* PRELU of an int8 operand and an int8 alpha that stretches to it. */
#ifndef STJ_PRELU_S8_H
#define STJ_PRELU_S8_H

#include "stj_broadcast.h"
#include "stj_tile.h"

/* Pairs hold the operand's value, then alpha's. Multipliers and shifts are those of stj_requantize.h. */
typedef struct {
    stj_broadcast_result result;
    stj_broadcast operands[2];
    int32_t in_zero_point[2]; /* in [-128, 127] */
    int32_t multiplier;       /* from the operand's scale to the result's, of what is not below zero */
    int32_t shift;            /* in [-31, 22] */
    int32_t slope_multiplier; /* from the product of both scales to the result's */
    int32_t slope_shift;      /* in [-31, 14] */
    int32_t out_zero_point;   /* in [-128, 127] */
} stj_prelu_params;

/* Computes rows [y0, y1) of out[0] from in[0] and in[1]. The operand may lie where the result does. */
void stj_prelu_s8(const stj_prelu_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_prelu_s8_tile(const stj_prelu_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                       const stj_region *region);

#endif
