/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE of float32 to int16. */
#ifndef STJ_QUANTIZE_S16_H
#define STJ_QUANTIZE_S16_H

#include "stj_nn.h"

typedef struct {
    int32_t row_elements;
    float scale;        /* real value of one step, > 0 */
    int32_t zero_point; /* in [-32768, 32767] */
} stj_quantize_s16_params;

/* Computes rows [y0, y1) of out[0] (int16) from in[0] (float32, at any alignment): real / scale to nearest, halves away
 * from zero, plus the zero point, saturated. NaN gives the zero point. */
void stj_quantize_s16(const stj_quantize_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                      int32_t y1);

#endif
