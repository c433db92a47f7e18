/* SPDX-License-Identifier: Apache-2.0 */
/* SQUARED_DIFFERENCE of two int8 operands that may stretch to each other. */
#ifndef STJ_SQUARED_DIFFERENCE_S8_H
#define STJ_SQUARED_DIFFERENCE_S8_H

#include "stj_broadcast.h"
#include "stj_tile.h"

/* Pairs hold the first operand's value, then the second's. Multipliers and shifts are those of stj_requantize.h. */
typedef struct {
    stj_broadcast_result result;
    stj_broadcast operands[2];
    int32_t in_zero_point[2]; /* in [-128, 127] */
    int32_t in_multiplier[2]; /* to the common scale, twice the larger operand's, with 7 bits below the point */
    int32_t in_shift[2];      /* in [-31, 0] */
    int32_t out_multiplier;   /* from squares in the common scale to the result's */
    int32_t out_shift;        /* in [-31, 30], so that no square leaves 32 bits when shifted to the left */
    int32_t out_zero_point;   /* in [-128, 127] */
} stj_squared_difference_params;

/* Computes rows [y0, y1) of out[0] from in[0] and in[1]. An operand of the result's shape may lie where the result
 * does.
 */
void stj_squared_difference_s8(const stj_squared_difference_params *params, const stj_in *in, const stj_out *out,
                               int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_squared_difference_s8_tile(const stj_squared_difference_params *params, const stj_pixels_in *in,
                                    const stj_pixels_out *out, const stj_region *region);

#endif
