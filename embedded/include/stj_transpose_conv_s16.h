/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV on int16 images with int8 weights. Facts and sources: verify/ops/wide/transpose_conv.py. */
#ifndef STJ_TRANSPOSE_CONV_S16_H
#define STJ_TRANSPOSE_CONV_S16_H

#include "stj_s16.h"
#include "stj_tile.h"

/* Images are [height, width, channels] of int16; several follow each other in the rows. All zero points are 0. Channels
 * are computed in blocks of STJ_LANES_S16 lanes, the last one filled up by channels of zeros. */
typedef struct {
    const int8_t *weights;     /* [blocks, kernel_h, kernel_w, in_c, STJ_LANES_S16] */
    const int32_t *bias;       /* [lanes, 2], see stj_s16.h */
    const int16_t *multiplier; /* [lanes] */
    const int8_t *shift;       /* [lanes] */
    int32_t in_h, in_w, in_c;  /* positions, >= 1 */
    int32_t out_h, out_w, out_c;
    int32_t kernel_h, kernel_w; /* taps, >= 1 */
    int32_t stride_h, stride_w; /* output positions, >= 1 */
    int32_t pad_top, pad_left;  /* output positions before the image, >= 0 */
    int32_t out_min, out_max;   /* of int16 */
} stj_transpose_conv_s16_params;

/* Computes output rows [y0, y1), each [out_w, out_c], from in[0], whose rows are [in_w, in_c]. Row i of an input image
 * adds to rows i * stride_h - pad_top + j, 0 <= j < kernel_h, of the same output image, as far as they exist. */
void stj_transpose_conv_s16(const stj_transpose_conv_s16_params *params, const stj_in *in, const stj_out *out,
                            int32_t y0, int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_transpose_conv_s16_tile(const stj_transpose_conv_s16_params *params, const stj_pixels_in *in,
                                 const stj_pixels_out *out, const stj_region *region);

#endif
