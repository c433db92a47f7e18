/* SPDX-License-Identifier: Apache-2.0 */
/* EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER and GREATER_EQUAL of two int8 operands that may stretch to each other. */
#ifndef STJ_COMPARE_S8_H
#define STJ_COMPARE_S8_H

#include "stj_broadcast.h"
#include "stj_tile.h"

/* Pairs hold the first operand's value, then the second's. Multipliers and shifts are those of stj_requantize.h. */
typedef struct {
    stj_broadcast_result result;
    stj_broadcast operands[2];
    int32_t in_zero_point[2]; /* in [-128, 127] */
    int32_t multiplier[2];    /* from either operand's scale to 1, with 8 bits below the point */
    int32_t shift[2];         /* in [-31, 0] */
    int32_t relation;         /* sum of the outcomes for which it holds: 1 less, 2 equal, 4 more */
} stj_compare_params;

/* Computes rows [y0, y1) of out[0], bytes of 0 and 1, from in[0] and in[1]. An operand of the result's shape may lie
 * where the result does.
 */
void stj_compare_s8(const stj_compare_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_compare_s8_tile(const stj_compare_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region);

#endif
