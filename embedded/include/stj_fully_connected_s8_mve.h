/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED on int8 for Helium. Facts and sources: verify/ops/fully_connected.py. */
#ifndef STJ_FULLY_CONNECTED_S8_MVE_H
#define STJ_FULLY_CONNECTED_S8_MVE_H

#include "stj_nn.h"

/* Each vector of the input gives one vector of the output. Rounds twice. */
typedef struct {
    const int32_t *weights;   /* weights and parameters of outputs as stj_mve_products.h draws them */
    int32_t in_depth;         /* elements of an input vector, >= 1 */
    int32_t out_depth;        /* elements of an output vector, >= 1 */
    int32_t vectors_per_row;  /* output vectors in an output row, >= 1 */
    int32_t out_zero_point;   /* [-128, 127] */
    int32_t out_min, out_max; /* stored range that the fused activation leaves, within [-128, 127] */
    int32_t halves;           /* 1: halves away from zero; 0: out_min is the zero point (stj_mve.h) */
} stj_fully_connected_mve_params;

/* Computes output rows [y0, y1), each [vectors_per_row, out_depth]. Vector v of the output reads vector v of in[0],
 * elements [v * in_depth, (v + 1) * in_depth) of its rows laid end to end. Where such a vector spans several rows, the
 * input must be held whole. */
void stj_fully_connected_s8_mve(const stj_fully_connected_mve_params *params, const stj_in *in, const stj_out *out,
                                int32_t y0, int32_t y1);

#endif
