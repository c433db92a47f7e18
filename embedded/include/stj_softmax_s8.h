/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX of int8 along the last axis: int8 probabilities in steps of 1 / 256 from -128, or int16 ones in steps of
 * 1 / 65536 from -32768. */
#ifndef STJ_SOFTMAX_S8_H
#define STJ_SOFTMAX_S8_H

#include "stj_nn.h"

typedef struct {
    int32_t width;               /* positions of a row, each with its own sum; 1 for vectors and matrices */
    int32_t classes;             /* elements that share a sum, in [1, 4095] */
    const int32_t *exponentials; /* [256], exp of minus 0 .. 255 steps in units of 2^-31, >= 0; [0] is 2^31 - 1 */
    int32_t out_bytes;           /* of a probability: 1 or 2 */
} stj_softmax_params;

/* Computes rows [y0, y1) of out[0] from in[0], which may lie in the same place if they are bytes. Where TFLM would stop
 * the program (512 and more classes of nearly equal value) every result is 0, the nearest step. */
void stj_softmax_s8(const stj_softmax_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
