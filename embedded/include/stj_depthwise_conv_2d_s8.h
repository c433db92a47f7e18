/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D on int8 images. Facts and sources: verify/ops/depthwise_conv_2d.py. */
#ifndef STJ_DEPTHWISE_CONV_2D_S8_H
#define STJ_DEPTHWISE_CONV_2D_S8_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Images are [height, width, channels]; several follow each other in the rows: row r is row r % out_h of image
 * r / out_h. Padded positions hold the input's zero point, so their product is zero and they are never read. */
typedef struct {
    const int8_t *weights;          /* [kernel_h, kernel_w, in_c * depth_multiplier], zero point 0 */
    const int32_t *bias;            /* [in_c * depth_multiplier] in units of input scale * weight scale, for inputs less
                                       their zero point, or NULL where all windows lie on the image */
    const int32_t *whole_bias;      /* as many, for inputs as stored, where all taps of a window are on the image */
    const int32_t *multiplier;      /* as many, in [2^30, 2^31), or 0, or below 0 */
    const int8_t *shift;            /* as many, see stj_rescale.h */
    int32_t in_h, in_w, in_c;       /* positions, >= 1 */
    int32_t out_h, out_w;           /* positions, >= 1 */
    int32_t depth_multiplier;       /* output channels per input channel, >= 1 */
    int32_t kernel_h, kernel_w;     /* taps, >= 1 */
    int32_t stride_h, stride_w;     /* input positions, >= 1 */
    int32_t dilation_h, dilation_w; /* input positions, >= 1 */
    int32_t pad_top, pad_left;      /* positions, >= 0 */
    int32_t in_zero_point;          /* [-128, 127] */
    int32_t out_zero_point;         /* [-128, 127] */
    int32_t out_min, out_max;       /* stored range that the fused activation leaves, within [-128, 127] */
} stj_depthwise_conv_2d_params;

/* Computes output rows [y0, y1), each [out_w, in_c * depth_multiplier], from in[0], whose rows are [in_w, in_c]. Output
 * channel c is made of input channel c / depth_multiplier. Output row r of an image reads rows
 * r * stride_h - pad_top + j * dilation_h, 0 <= j < kernel_h, of the same image, as far as they exist. */
void stj_depthwise_conv_2d_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                              int32_t y0, int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_depthwise_conv_2d_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                   const stj_pixels_out *out, const stj_region *region);

#endif
