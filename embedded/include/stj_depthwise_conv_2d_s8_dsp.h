/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D by windows of any shape, stride and dilation, for Cortex-M with the DSP extension: what has no
 * kernel of its own (stj_depthwise_dsp.h), K x 1 in time above all. Any multiplier. */
#ifndef STJ_DEPTHWISE_CONV_2D_S8_DSP_H
#define STJ_DEPTHWISE_CONV_2D_S8_DSP_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Images are [height, width, channels]; several follow each other in the rows: row r is row r % out_h of image
 * r / out_h. */
typedef struct {
    const int32_t *table; /* first of output channels 0, multiplier, 2 multiplier ..., then of 1, multiplier + 1, ...:
                           * per four of them, 0 where there are none: four biases; per pair of taps, in reading order,
                           * four pairs of weights; if one tap is left, its weights of channels 0 and 1, and of 2 and 3;
                           * four times multiplier, addend and shift. A single tap is paired with weights of 0. Biases,
                           * less what the zero point makes of the weights, and weights are twice the operator's. */
    int32_t in_h, in_w, in_c;       /* positions, >= 1 */
    int32_t out_h, out_w;           /* positions, >= 1 */
    int32_t kernel_h, kernel_w;     /* taps, >= 1 */
    int32_t stride_h, stride_w;     /* input positions, >= 1 */
    int32_t dilation_h, dilation_w; /* input positions, >= 1 */
    int32_t pad_top, pad_left;      /* positions, >= 0 */
    int32_t multiplier;             /* output channels per input channel, >= 1 */
    int32_t in_zero_point;          /* [-128, 127] */
    int32_t halves;                 /* whether halves go away from zero below the zero point: stj_rescale_dsp.h */
    int32_t out_min, out_max;       /* stored range that the fused activation leaves, within [-128, 127] */
} stj_depthwise_conv_2d_dsp_params;

/* Computes output rows [y0, y1) of out[0], each [out_w, in_c * multiplier], from in[0], whose rows are [in_w, in_c].
 * out[1] is scratch; reads up to 3 bytes behind a row of in[0]. */
void stj_depthwise_conv_2d_s8_dsp(const stj_depthwise_conv_2d_dsp_params *params, const stj_in *in, const stj_out *out,
                                  int32_t y0, int32_t y1);

/* The same for a region of one image (stj_tile.h). */
void stj_depthwise_conv_2d_s8_dsp_tile(const stj_depthwise_conv_2d_dsp_params *params, const stj_pixels_in *in,
                                       const stj_pixels_out *out, const stj_region *region);

#endif
