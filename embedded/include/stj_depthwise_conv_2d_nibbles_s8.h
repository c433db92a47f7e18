/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D as stj_depthwise_conv_2d_s8.h has it, with weights from -8 to 7 in half a byte each
 * (stj_nibbles.h): two channels side by side in a byte, each tap's in whole bytes. Where channels are odd in number,
 * one more of zeros is in all arrays. */
#ifndef STJ_DEPTHWISE_CONV_2D_NIBBLES_S8_H
#define STJ_DEPTHWISE_CONV_2D_NIBBLES_S8_H

#include "stj_depthwise_conv_2d_s8.h"

void stj_depthwise_conv_2d_nibbles_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                                      int32_t y0, int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_depthwise_conv_2d_nibbles_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                           const stj_pixels_out *out, const stj_region *region);

#endif
