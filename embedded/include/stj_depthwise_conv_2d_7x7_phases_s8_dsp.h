/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D by 7 x 7 taps at a stride of 2, of an image whose rows come in phases: see stj_depthwise_dsp.h. */
#ifndef STJ_DEPTHWISE_CONV_2D_7X7_PHASES_S8_DSP_H
#define STJ_DEPTHWISE_CONV_2D_7X7_PHASES_S8_DSP_H

#include "stj_depthwise_dsp.h"

/* Computes output rows [y0, y1) of out[0], each [out_w, in_c], of one image of in_h >= 2 rows [in_w, in_c], of which
 * row r is row r / 2 of in[r % 2]; stride_h is 2, depth_multiplier and dilation_h are 1. out[1] is scratch; reads up to
 * 3 bytes behind a row of in[0] and in[1]. */
void stj_depthwise_conv_2d_7x7_phases_s8_dsp(const stj_depthwise_dsp_params *params, const stj_in *in,
                                             const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of the image (stj_tile.h). */
void stj_depthwise_conv_2d_7x7_phases_s8_dsp_tile(const stj_depthwise_dsp_params *params, const stj_pixels_in *in,
                                                  const stj_pixels_out *out, const stj_region *region);

#endif
