/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE of float32 to int8 on machines with a floating-point unit. */
#ifndef STJ_QUANTIZE_S8_DSP_H
#define STJ_QUANTIZE_S8_DSP_H

#include "stj_nn.h"

typedef struct {
    int32_t row_elements;
    float half_scale;   /* half the real value of one step, > 0 and no subnormal number */
    int32_t zero_point; /* in [-128, 127] */
} stj_quantize_dsp_params;

/* Computes rows [y0, y1) of out[0] (int8) from in[0] (float32, at any alignment): real / scale to nearest, halves away
 * from zero, plus the zero point, saturated. NaN gives the zero point. */
void stj_quantize_s8_dsp(const stj_quantize_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1);

#endif
