/* SPDX-License-Identifier: Apache-2.0 */
/* LOGISTIC and TANH on int16. Facts and sources: verify/ops/wide/curves.py. */
#ifndef STJ_CURVE_S16_H
#define STJ_CURVE_S16_H

#include "stj_nn.h"
#include "stj_tile.h"

typedef struct {
    int32_t row_elements; /* >= 1 */
    int32_t factor;       /* to steps of 1 / (3 * 4096), in [0, 2^15) */
    int32_t shift;        /* of the product to the right, in [0, 31] */
    int32_t hyperbolic;   /* 1: TANH, 0: LOGISTIC */
} stj_curve_s16_params;

/* Computes rows [y0, y1) of out[0] from in[0], which may lie where the result does. */
void stj_curve_s16(const stj_curve_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); the operand may lie exactly where the result does. */
void stj_curve_s16_tile(const stj_curve_s16_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                        const stj_region *region);

#endif
