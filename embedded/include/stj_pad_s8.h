/* SPDX-License-Identifier: Apache-2.0 */
/* PAD and PADV2 on int8. Facts and sources: verify/ops/pad.py. */
#ifndef STJ_PAD_S8_H
#define STJ_PAD_S8_H

#include "stj_nn.h"

/* Both ends are seen as five axes: three leading ones whose product is the count of rows, then the two of a row. */
typedef struct {
    int32_t in_extent[5];  /* positions, >= 1 */
    int32_t out_extent[5]; /* positions, >= before + in_extent */
    int32_t before[5];     /* positions added in front, >= 0 */
    int32_t value;         /* what added positions hold, [-128, 127] */
} stj_pad_params;

/* Computes output rows [y0, y1), each [out_extent[3], out_extent[4]], from in[0]. Output row r reads the one input row
 * that lies there, or none. */
void stj_pad_s8(const stj_pad_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
