/* SPDX-License-Identifier: Apache-2.0 */
/* DIV of two int8 operands that may stretch to each other. */
#ifndef STJ_DIV_S8_H
#define STJ_DIV_S8_H

#include "stj_broadcast.h"
#include "stj_tile.h"

/* Pairs hold the dividend's value, then the divisor's. Multiplier and shift are those of stj_requantize.h. */
typedef struct {
    stj_broadcast_result result;
    stj_broadcast operands[2];
    int32_t in_zero_point[2];   /* in [-128, 127] */
    int32_t multiplier;         /* from quotients of steps to the result's */
    int32_t shift;              /* in [7, 23] */
    int32_t out_zero_point;     /* in [-128, 127] */
    int32_t out_min, out_max;   /* stored range that the fused activation leaves, within [-128, 127] */
    const int32_t *reciprocals; /* [256], of d = 1 .. 255: 2^(31 + k) / d for the largest k at which it fits, >= 0 */
} stj_div_params;

/* Computes rows [y0, y1) of out[0] from in[0] and in[1]. An operand of the result's shape may lie where the result
 * does. Divided by zero, what is positive gives out_max, what is negative out_min, and zero is zero.
 */
void stj_div_s8(const stj_div_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_div_s8_tile(const stj_div_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                     const stj_region *region);

#endif
