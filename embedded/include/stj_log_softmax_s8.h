/* SPDX-License-Identifier: Apache-2.0 */
/* LOG_SOFTMAX of int8 along the last axis, int8 results in steps of 1 / 16 up to 127, which is zero. */
#ifndef STJ_LOG_SOFTMAX_S8_H
#define STJ_LOG_SOFTMAX_S8_H

#include "stj_nn.h"

typedef struct {
    int32_t width;               /* positions of a row, each with its own sum; 1 for vectors and matrices */
    int32_t classes;             /* elements that share a sum, in [1, 4095] */
    int32_t lowest;              /* steps below the highest element, in [-255, 0] or less, that are still looked at */
    int32_t multiplier, shift;   /* from differences back to steps (stj_requantize.h); shift in [-31, 0] */
    const int32_t *differences;  /* [256], minus 0 .. 255 steps in units of 2^-26 */
    const int32_t *exponentials; /* [256], their exponentials in units of 2^-19, >= 0; [0] is 2^19 */
} stj_log_softmax_params;

/* Computes rows [y0, y1) of out[0] from in[0], which may lie in the same place. */
void stj_log_softmax_s8(const stj_log_softmax_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                        int32_t y1);

#endif
