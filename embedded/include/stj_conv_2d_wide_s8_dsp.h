/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D on int8 images without groups, for cores with the DSP extension; weights as halfwords. */
#ifndef STJ_CONV_2D_WIDE_S8_DSP_H
#define STJ_CONV_2D_WIDE_S8_DSP_H

#include "stj_conv_2d_dsp.h"

/* Rows and regions as stj_conv_2d_s8 computes them. out[1] is working memory. */
void stj_conv_2d_wide_s8_dsp(const stj_conv_2d_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                             int32_t y1);

void stj_conv_2d_wide_s8_dsp_tile(const stj_conv_2d_dsp_params *params, const stj_pixels_in *in,
                                  const stj_pixels_out *out, const stj_region *region);

#endif
