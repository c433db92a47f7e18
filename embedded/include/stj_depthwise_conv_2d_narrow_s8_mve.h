/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D on int8 images for Helium, for any window, and best where images are narrow. Facts and sources:
 * verify/ops/depthwise_conv_2d.py. */
#ifndef STJ_DEPTHWISE_CONV_2D_NARROW_S8_MVE_H
#define STJ_DEPTHWISE_CONV_2D_NARROW_S8_MVE_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Images are [height, width, channels]; several follow each other in the rows. */
typedef struct {
    const int32_t *weights;         /* see stj_depthwise_conv_2d_narrow_s8_mve.c */
    int32_t in_h, in_w, in_c;       /* positions, >= 1 */
    int32_t out_h, out_w;           /* positions, >= 1 */
    int32_t kernel_h, kernel_w;     /* taps, >= 1 */
    int32_t stride_h, stride_w;     /* input positions, >= 1 */
    int32_t dilation_h, dilation_w; /* input positions, >= 1 */
    int32_t pad_top, pad_left;      /* positions, >= 0 */
    int32_t multiplier;             /* output channels per input channel, in [1, 17] */
    int32_t in_zero_point;          /* [-128, 127] */
    int32_t out_zero_point;         /* [-128, 127] */
    int32_t out_min, out_max;       /* stored range that the fused activation leaves, within [-128, 127] */
    int32_t halves;                 /* 1: halves away from zero; 0: out_min is the zero point (stj_mve.h) */
} stj_depthwise_conv_2d_narrow_mve_params;

/* Computes output rows [y0, y1), each [out_w, in_c * multiplier], from in[0], whose rows are [in_w, in_c]. out[1] is
 * working memory: 12 bytes by kernel_h * kernel_w, rounded up to a multiple of 4, and in_c, rounded up to a multiple
 * of 16. */
void stj_depthwise_conv_2d_narrow_s8_mve(const stj_depthwise_conv_2d_narrow_mve_params *params, const stj_in *in,
                                         const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_depthwise_conv_2d_narrow_s8_mve_tile(const stj_depthwise_conv_2d_narrow_mve_params *params,
                                              const stj_pixels_in *in, const stj_pixels_out *out,
                                              const stj_region *region);

#endif
