/* SPDX-License-Identifier: Apache-2.0 */
/* MUL of two int16 operands that may stretch to each other; all zero points are 0. */
#ifndef STJ_MUL_S16_H
#define STJ_MUL_S16_H

#include "stj_broadcast.h"
#include "stj_tile.h"

typedef struct {
    stj_broadcast_result result;
    stj_broadcast operands[2];
    int32_t multiplier;       /* from the product of the operands' scales to the result's, as in stj_requantize.h */
    int32_t shift;            /* in [-31, 0] */
    int32_t out_min, out_max; /* stored range that the fused activation leaves, of int16 */
} stj_mul_s16_params;

/* Computes rows [y0, y1) of out[0] from in[0] and in[1]. An operand of the result's shape may lie where the result
 * does. */
void stj_mul_s16(const stj_mul_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_mul_s16_tile(const stj_mul_s16_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                      const stj_region *region);

#endif
