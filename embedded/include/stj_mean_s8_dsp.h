/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN and SUM of an image over height and width: eight channels or more, up to 256 positions. */
#ifndef STJ_MEAN_S8_DSP_H
#define STJ_MEAN_S8_DSP_H

#include "stj_nn.h"

typedef struct {
    int32_t rows, width;    /* of the image, >= 1; their product is at most 256 */
    int32_t channels;       /* >= 8 */
    int32_t less;           /* rows * width * the input's zero point */
    int32_t multiplier;     /* of the sum, the mean's division included; in [0, 2^31) */
    int32_t shift;          /* in [-31, 30]; positive shifts left */
    int32_t out_zero_point; /* [-128, 127] */
} stj_mean_dsp_params;

/* Computes the one output row, [channels], from in[0], whose rows are [width, channels]. All rows must be present. */
void stj_mean_s8_dsp(const stj_mean_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
