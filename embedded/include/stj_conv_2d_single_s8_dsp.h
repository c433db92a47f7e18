/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D on int8 images without groups, for cores with the DSP extension, one position at a time: a third of the
 * working memory of stj_conv_2d_s8_dsp, and fewer instructions where calls are of one or two positions. Weights as
 * int8, packed in pairs, in groups of four output channels. */
#ifndef STJ_CONV_2D_SINGLE_S8_DSP_H
#define STJ_CONV_2D_SINGLE_S8_DSP_H

#include "stj_conv_2d_dsp.h"

/* Rows and regions as stj_conv_2d_s8 computes them. out[1] is working memory: two words for each unit. Where every
 * position reads its own pixel alone, and pixels are of as many bytes, the result may lie where the operand does. */
void stj_conv_2d_single_s8_dsp(const stj_conv_2d_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                               int32_t y1);

void stj_conv_2d_single_s8_dsp_tile(const stj_conv_2d_dsp_params *params, const stj_pixels_in *in,
                                    const stj_pixels_out *out, const stj_region *region);

#endif
