/* SPDX-License-Identifier: Apache-2.0 */
/* Two lines that meet at 0, on int16: RELU, RELU6, LEAKY_RELU, ABS. Facts and sources: verify/ops/wide/slopes.py. */
#ifndef STJ_SLOPES_S16_H
#define STJ_SLOPES_S16_H

#include "stj_nn.h"
#include "stj_tile.h"

typedef struct {
    int32_t row_elements;  /* >= 1 */
    int32_t multiplier[2]; /* below 0, and from 0 on; as in stj_requantize.h, negative ones too */
    int32_t shift[2];
    int32_t out_min, out_max; /* of int16 */
} stj_slopes_s16_params;

/* Computes rows [y0, y1) of out[0] from in[0], which may lie where the result does. */
void stj_slopes_s16(const stj_slopes_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); the operand may lie exactly where the result does. */
void stj_slopes_s16_tile(const stj_slopes_s16_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region);

#endif
