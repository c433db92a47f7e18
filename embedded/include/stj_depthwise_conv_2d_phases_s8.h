/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D on an int8 image whose rows come in phases. Facts and sources: verify/ops/depthwise_conv_2d.py. */
#ifndef STJ_DEPTHWISE_CONV_2D_PHASES_S8_H
#define STJ_DEPTHWISE_CONV_2D_PHASES_S8_H

#include "stj_depthwise_conv_2d_s8.h"

/* Computes output rows [y0, y1) of one image as stj_depthwise_conv_2d_s8 does, but that row r of the input, of in_h, is
 * row r / stride_h of in[r % stride_h]. Parameters are the same, with the following differences:
 *
 *   weights           [kernel_h, kernel_w, in_c], the rows of taps that lie on rows of in[0] first, then those of in[1]
 *   kernel_h          in [stride_h, 8]
 *   in_c              >= 4, with a depth_multiplier of 1 and a dilation_h of 1
 *   in_h              >= stride_h */
void stj_depthwise_conv_2d_phases_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                                     int32_t y0, int32_t y1);

/* The same for a region of the image (stj_tile.h). */
void stj_depthwise_conv_2d_phases_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                          const stj_pixels_out *out, const stj_region *region);

#endif
