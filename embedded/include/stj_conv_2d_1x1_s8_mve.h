/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D of single pixels on int8 images for Helium. Facts and sources: verify/ops/conv_2d.py. */
#ifndef STJ_CONV_2D_1X1_S8_MVE_H
#define STJ_CONV_2D_1X1_S8_MVE_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Images are [height, width, channels]; several follow each other in the rows. No padding, no groups. */
typedef struct {
    const int32_t *weights;      /* weights and parameters of channels as stj_mve_products.h draws them */
    int32_t in_h, in_w, in_c;    /* positions, >= 1 */
    int32_t out_h, out_w, out_c; /* positions, >= 1 */
    int32_t stride_h, stride_w;  /* input positions, >= 1 */
    int32_t out_zero_point;      /* [-128, 127] */
    int32_t out_min, out_max;    /* stored range that the fused activation leaves, within [-128, 127] */
    int32_t halves;              /* 1: halves away from zero; 0: out_min is the zero point (stj_mve.h) */
} stj_conv_2d_1x1_mve_params;

/* Computes output rows [y0, y1), each [out_w, out_c], from in[0], whose rows are [in_w, in_c]. */
void stj_conv_2d_1x1_s8_mve(const stj_conv_2d_1x1_mve_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                            int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_conv_2d_1x1_s8_mve_tile(const stj_conv_2d_1x1_mve_params *params, const stj_pixels_in *in,
                                 const stj_pixels_out *out, const stj_region *region);

#endif
