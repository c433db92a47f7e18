/* SPDX-License-Identifier: Apache-2.0 */
/* CAST between element types. Facts and sources: verify/ops/cast.py. */
#ifndef STJ_CAST_H
#define STJ_CAST_H

#include "stj_nn.h"

/* Element types. A bool is a byte, 0 or 1. */
enum { STJ_CAST_S8, STJ_CAST_S16, STJ_CAST_S32, STJ_CAST_F32, STJ_CAST_BOOL };

typedef struct {
    int32_t row_elements;
    int32_t from, to; /* STJ_CAST_S8 ... */
} stj_cast_params;

/* Computes rows [y0, y1) of out[0] from in[0], both at any alignment. Integers keep their lowest bits; a float loses
 * its fraction and saturates, NaN is 0; what is not 0 is true. */
void stj_cast(const stj_cast_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
