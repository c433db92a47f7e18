/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D on int8 images, with groups. Facts and sources: verify/ops/conv_2d.py. */
#ifndef STJ_CONV_2D_S8_H
#define STJ_CONV_2D_S8_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Output channels of a group are computed in blocks of so many lanes, the last one filled up by channels of zeros.
 * Lanes are counted over the blocks of all groups. */
enum { STJ_CONV_2D_LANES = 4 };

/* Images are [height, width, channels]; several follow each other in the rows: row r is row r % out_h of image
 * r / out_h. Padded positions hold the input's zero point, so their product is zero and they are never read. */
typedef struct {
    const int8_t *weights;     /* [blocks, kernel_h, kernel_w, in_c / groups, STJ_CONV_2D_LANES], zero point 0 */
    const int32_t *bias;       /* [lanes] in units of input scale * weight scale, for inputs less their zero point, or
                                  NULL where all windows lie on the image */
    const int32_t *whole_bias; /* [lanes], for inputs as stored, where all taps of a window are on the image */
    const int32_t *multiplier; /* [lanes], in [2^30, 2^31), or 0, or below 0 */
    const int8_t *shift;       /* [lanes], see stj_rescale.h */
    int32_t in_h, in_w, in_c;  /* positions, >= 1 */
    int32_t out_h, out_w, out_c;
    int32_t kernel_h, kernel_w;     /* taps, >= 1 */
    int32_t stride_h, stride_w;     /* input positions, >= 1 */
    int32_t dilation_h, dilation_w; /* input positions, >= 1 */
    int32_t pad_top, pad_left;      /* positions, >= 0 */
    int32_t groups;                 /* divides in_c and out_c */
    int32_t in_zero_point;          /* [-128, 127] */
    int32_t out_zero_point;         /* [-128, 127] */
    int32_t out_min, out_max;       /* stored range that the fused activation leaves, within [-128, 127] */
} stj_conv_2d_params;

/* Computes output rows [y0, y1), each [out_w, out_c], from in[0], whose rows are [in_w, in_c]. Output row r of an image
 * reads rows r * stride_h - pad_top + j * dilation_h, 0 <= j < kernel_h, of the same image, as far as they exist. */
void stj_conv_2d_s8(const stj_conv_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_conv_2d_s8_tile(const stj_conv_2d_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region);

#endif
