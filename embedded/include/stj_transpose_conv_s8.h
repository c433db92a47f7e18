/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV on int8 images. Facts and sources: verify/ops/transpose_conv.py. */
#ifndef STJ_TRANSPOSE_CONV_S8_H
#define STJ_TRANSPOSE_CONV_S8_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Output channels are computed in blocks of so many lanes, the last one filled up by channels of zeros. */
enum { STJ_TRANSPOSE_CONV_LANES = 4 };

/* Images are [height, width, channels]; several follow each other in the rows. */
typedef struct {
    const int8_t *weights;     /* [blocks, kernel_h, kernel_w, in_c, STJ_TRANSPOSE_CONV_LANES], zero point 0 */
    const int32_t *bias;       /* [lanes] in units of input scale * weight scale, for inputs less their zero point */
    const int32_t *multiplier; /* [lanes], in [2^30, 2^31), or 0, or below 0 */
    const int8_t *shift;       /* [lanes], see stj_rescale.h */
    int32_t in_h, in_w, in_c;  /* positions, >= 1 */
    int32_t out_h, out_w, out_c;
    int32_t kernel_h, kernel_w; /* taps, >= 1 */
    int32_t stride_h, stride_w; /* output positions, >= 1 */
    int32_t pad_top, pad_left;  /* output positions before the image, >= 0 */
    int32_t in_zero_point;      /* [-128, 127] */
    int32_t out_zero_point;     /* [-128, 127] */
    int32_t out_min, out_max;   /* within [-128, 127] */
} stj_transpose_conv_params;

/* Computes output rows [y0, y1), each [out_w, out_c], from in[0], whose rows are [in_w, in_c]. Row i of an input image
 * adds to rows i * stride_h - pad_top + j, 0 <= j < kernel_h, of the same output image, as far as they exist. */
void stj_transpose_conv_s8(const stj_transpose_conv_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                           int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_transpose_conv_s8_tile(const stj_transpose_conv_params *params, const stj_pixels_in *in,
                                const stj_pixels_out *out, const stj_region *region);

#endif
