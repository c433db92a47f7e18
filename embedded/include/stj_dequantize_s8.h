/* SPDX-License-Identifier: Apache-2.0 */
/* DEQUANTIZE of int8 to float32. */
#ifndef STJ_DEQUANTIZE_S8_H
#define STJ_DEQUANTIZE_S8_H

#include "stj_nn.h"

typedef struct {
    int32_t row_elements;
    float scale;        /* real value of one step, > 0 */
    int32_t zero_point; /* in [-128, 127] */
} stj_dequantize_params;

/* Computes rows [y0, y1) of out[0] (float32, at any alignment) from in[0] (int8): scale * (stored - zero point). */
void stj_dequantize_s8(const stj_dequantize_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                       int32_t y1);

#endif
