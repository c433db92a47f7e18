/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX on int16. Facts and sources: verify/ops/wide/softmax.py. */
#ifndef STJ_SOFTMAX_S16_H
#define STJ_SOFTMAX_S16_H

#include "stj_nn.h"

/* Tables have 513 entries with 15 bits behind the point. */
typedef struct {
    const int16_t *exponentials; /* exp(x), x from -10 to 0 */
    const int16_t *reciprocals;  /* 1 / (1 + x), x from 0 to 1 */
    int32_t width;               /* positions of a row, >= 1 */
    int32_t classes;             /* elements of a position, in [1, 2^16] */
    int32_t multiplier, shift;   /* of a difference to the largest element, to steps of 10 / 65535 */
} stj_softmax_s16_params;

/* Computes rows [y0, y1), each [width, classes], of out[0] from in[0], which may lie where the result does. */
void stj_softmax_s16(const stj_softmax_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                     int32_t y1);

#endif
