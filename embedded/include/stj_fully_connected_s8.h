/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED on int8. Facts and sources: verify/ops/fully_connected.py. */
#ifndef STJ_FULLY_CONNECTED_S8_H
#define STJ_FULLY_CONNECTED_S8_H

#include "stj_nn.h"

/* Outputs are computed in blocks of so many lanes, the last one filled up by outputs of zeros. */
enum { STJ_FULLY_CONNECTED_LANES = 4 };

/* Each vector of the input gives one vector of the output. */
typedef struct {
    const int8_t *weights;     /* [blocks, in_depth, STJ_FULLY_CONNECTED_LANES], zero point 0 */
    const int32_t *whole_bias; /* [lanes] in units of input scale * weight scale, for inputs as stored */
    const int32_t *multiplier; /* [lanes], in [2^30, 2^31), or 0, or below 0 */
    const int8_t *shift;       /* [lanes], see stj_rescale.h */
    int32_t single_rounding;   /* 1: rescale with one rounding, as LiteRT; 0: with two, as TFLM */
    int32_t in_depth;          /* elements of an input vector, >= 1 */
    int32_t out_depth;         /* elements of an output vector, >= 1 */
    int32_t vectors_per_row;   /* output vectors in an output row, >= 1 */
    int32_t out_zero_point;    /* [-128, 127] */
    int32_t out_min, out_max;  /* stored range that the fused activation leaves, within [-128, 127] */
} stj_fully_connected_params;

/* Computes output rows [y0, y1), each [vectors_per_row, out_depth]. Vector v of the output reads vector v of in[0],
 * elements [v * in_depth, (v + 1) * in_depth) of its rows laid end to end. Where such a vector spans several rows, the
 * input must be held whole. */
void stj_fully_connected_s8(const stj_fully_connected_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                            int32_t y1);

#endif
