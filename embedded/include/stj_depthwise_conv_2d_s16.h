/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D on int16 images with int8 weights. Facts and sources: verify/ops/wide/conv_2d.py. */
#ifndef STJ_DEPTHWISE_CONV_2D_S16_H
#define STJ_DEPTHWISE_CONV_2D_S16_H

#include "stj_s16.h"
#include "stj_tile.h"

/* Images as in stj_conv_2d_s16.h. Output channel c reads input channel c / depth_multiplier. */
typedef struct {
    const int8_t *weights;     /* [kernel_h, kernel_w, in_c * depth_multiplier] */
    const int32_t *bias;       /* [channels, 2], see stj_s16.h */
    const int16_t *multiplier; /* [channels] */
    const int8_t *shift;       /* [channels] */
    int32_t in_h, in_w, in_c;  /* positions, >= 1 */
    int32_t out_h, out_w;
    int32_t depth_multiplier;       /* >= 1 */
    int32_t kernel_h, kernel_w;     /* taps, >= 1 */
    int32_t stride_h, stride_w;     /* input positions, >= 1 */
    int32_t dilation_h, dilation_w; /* input positions, >= 1 */
    int32_t pad_top, pad_left;      /* positions, >= 0 */
    int32_t out_min, out_max;       /* stored range that the fused activation leaves, of int16 */
} stj_depthwise_conv_2d_s16_params;

/* Computes output rows [y0, y1) as stj_conv_2d_s16 does. */
void stj_depthwise_conv_2d_s16(const stj_depthwise_conv_2d_s16_params *params, const stj_in *in, const stj_out *out,
                               int32_t y0, int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_depthwise_conv_2d_s16_tile(const stj_depthwise_conv_2d_s16_params *params, const stj_pixels_in *in,
                                    const stj_pixels_out *out, const stj_region *region);

#endif
