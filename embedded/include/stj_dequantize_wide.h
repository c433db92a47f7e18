/* SPDX-License-Identifier: Apache-2.0 */
/* DEQUANTIZE of uint8 and int16 to float32. Of int8 it is stj_dequantize_s8. */
#ifndef STJ_DEQUANTIZE_WIDE_H
#define STJ_DEQUANTIZE_WIDE_H

#include "stj_nn.h"

typedef struct {
    int32_t row_elements;
    int32_t in_bytes;   /* of an element: 1 (uint8) or 2 (int16) */
    float scale;        /* real value of one step, > 0 */
    int32_t zero_point; /* in the range of the elements */
} stj_dequantize_wide_params;

/* Computes rows [y0, y1) of out[0] (float32, at any alignment) from in[0]. */
void stj_dequantize_wide(const stj_dequantize_wide_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1);

#endif
