/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED on int16 with int8 weights. Facts and sources: verify/ops/wide/fully_connected.py. */
#ifndef STJ_FULLY_CONNECTED_S16_H
#define STJ_FULLY_CONNECTED_S16_H

#include "stj_s16.h"

/* Each vector of the input gives one vector of the output; all zero points are 0. Outputs are computed in blocks of
 * STJ_LANES_S16 lanes, the last one filled up by outputs of zeros. */
typedef struct {
    const int8_t *weights;     /* [blocks, in_depth, STJ_LANES_S16] */
    const int32_t *bias;       /* [lanes, 2], see stj_s16.h */
    const int16_t *multiplier; /* [lanes] */
    const int8_t *shift;       /* [lanes] */
    int32_t in_depth;          /* elements of an input vector, >= 1 */
    int32_t out_depth;         /* elements of an output vector, >= 1 */
    int32_t vectors_per_row;   /* output vectors in an output row, >= 1 */
    int32_t out_min, out_max;  /* stored range that the fused activation leaves, of int16 */
} stj_fully_connected_s16_params;

/* Computes output rows [y0, y1), each [vectors_per_row, out_depth]. Vector v of the output reads vector v of in[0],
 * elements [v * in_depth, (v + 1) * in_depth) of its rows laid end to end. Where such a vector spans several rows, the
 * input must be held whole. */
void stj_fully_connected_s16(const stj_fully_connected_s16_params *params, const stj_in *in, const stj_out *out,
                             int32_t y0, int32_t y1);

#endif
