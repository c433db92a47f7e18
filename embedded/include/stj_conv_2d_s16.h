/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D on int16 images with int8 weights, with groups. Facts and sources: verify/ops/wide/conv_2d.py. */
#ifndef STJ_CONV_2D_S16_H
#define STJ_CONV_2D_S16_H

#include "stj_s16.h"
#include "stj_tile.h"

/* Images are [height, width, channels] of int16; several follow each other in the rows. All zero points are 0, so
 * padded positions add nothing and are never read. Channels of a group are computed in blocks of STJ_LANES_S16 lanes,
 * the last one filled up by channels of zeros; lanes are counted over the blocks of all groups. */
typedef struct {
    const int8_t *weights;     /* [blocks, kernel_h, kernel_w, in_c / groups, STJ_LANES_S16] */
    const int32_t *bias;       /* [lanes, 2], see stj_s16.h */
    const int16_t *multiplier; /* [lanes] */
    const int8_t *shift;       /* [lanes] */
    int32_t in_h, in_w, in_c;  /* positions, >= 1 */
    int32_t out_h, out_w, out_c;
    int32_t kernel_h, kernel_w;     /* taps, >= 1 */
    int32_t stride_h, stride_w;     /* input positions, >= 1 */
    int32_t dilation_h, dilation_w; /* input positions, >= 1 */
    int32_t pad_top, pad_left;      /* positions, >= 0 */
    int32_t groups;                 /* divides in_c and out_c */
    int32_t out_min, out_max;       /* stored range that the fused activation leaves, of int16 */
} stj_conv_2d_s16_params;

/* Computes output rows [y0, y1), each [out_w, out_c], from in[0], whose rows are [in_w, in_c]. Output row r of an image
 * reads rows r * stride_h - pad_top + j * dilation_h, 0 <= j < kernel_h, of the same image, as far as they exist. */
void stj_conv_2d_s16(const stj_conv_2d_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                     int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_conv_2d_s16_tile(const stj_conv_2d_s16_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                          const stj_region *region);

#endif
