/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D on int8 images of one channel for Helium: a CONV_2D (stj_conv_2d_s8_mve.h). */
#ifndef STJ_DEPTHWISE_CONV_2D_ONE_S8_MVE_H
#define STJ_DEPTHWISE_CONV_2D_ONE_S8_MVE_H

#include "stj_conv_2d_s8_mve.h"

/* As stj_conv_2d_s8_mve, with in_c 1. */
void stj_depthwise_conv_2d_one_s8_mve(const stj_conv_2d_mve_params *params, const stj_in *in, const stj_out *out,
                                      int32_t y0, int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_depthwise_conv_2d_one_s8_mve_tile(const stj_conv_2d_mve_params *params, const stj_pixels_in *in,
                                           const stj_pixels_out *out, const stj_region *region);

#endif
