/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE from and to integers of which one has more than 8 bits. Facts and sources: verify/ops/quantize.py. */
#ifndef STJ_QUANTIZE_WIDE_H
#define STJ_QUANTIZE_WIDE_H

#include "stj_nn.h"

typedef struct {
    int32_t row_elements;
    int32_t in_bytes, out_bytes; /* of an element, signed: 1, 2 or 4 */
    int32_t in_zero_point, out_zero_point;
    int32_t multiplier, shift; /* [-31, 30] */
    int32_t out_min, out_max;
} stj_quantize_wide_params;

/* Computes rows [y0, y1) of out[0] from in[0], rescaled. */
void stj_quantize_wide(const stj_quantize_wide_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                       int32_t y1);

#endif
