/* SPDX-License-Identifier: Apache-2.0 */
/* MUL of two int8 operands whose channels lie side by side. */
#ifndef STJ_MUL_S8_DSP_H
#define STJ_MUL_S8_DSP_H

#include "stj_broadcast.h"
#include "stj_tile.h"

/* Pairs hold the first operand's value, then the second's. Multiplier, addend and shift are those of
 * stj_rescale_dsp.h, for twice the product. */
typedef struct {
    stj_broadcast_result result;
    stj_broadcast operands[2]; /* steps of 1 along the channels */
    int32_t in_zero_point[2];  /* in [-128, 127] */
    int32_t multiplier, addend, shift;
    int32_t out_min, out_max; /* stored range that the fused activation leaves, within [-128, 127] */
} stj_mul_dsp_params;

/* Computes rows [y0, y1) of out[0] from in[0] and in[1]. An operand of the result's shape may lie where the result
 * does.
 */
void stj_mul_s8_dsp(const stj_mul_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_mul_s8_dsp_tile(const stj_mul_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region);

#endif
