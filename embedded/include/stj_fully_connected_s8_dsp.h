/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED on int8, for cores with the DSP extension. Facts and sources: verify/ops/fully_connected.py; what is
 * stored: verify/targets/cortex_m_dsp/products.py, in groups of four output channels. */
#ifndef STJ_FULLY_CONNECTED_S8_DSP_H
#define STJ_FULLY_CONNECTED_S8_DSP_H

#include "stj_nn.h"

/* Each vector of the input gives one vector of the output. */
typedef struct {
    const int32_t *stream;    /* weights and rescaling of all channels, see the kernel */
    int32_t units;            /* of four inputs, the last one filled up by weights of 0 */
    int32_t away;             /* 1: halves go away from zero below the zero point, too */
    int32_t in_depth;         /* elements of an input vector, >= 1 */
    int32_t out_depth;        /* elements of an output vector, >= 1 */
    int32_t vectors_per_row;  /* output vectors in an output row, >= 1 */
    int32_t in_zero_point;    /* [-128, 127], part of the biases */
    int32_t out_zero_point;   /* [-128, 127], part of the addends */
    int32_t out_min, out_max; /* stored range that the fused activation leaves, within [-128, 127] */
} stj_fully_connected_dsp_params;

/* Rows as stj_fully_connected_s8 computes them. out[1] is working memory: two words for each unit. */
void stj_fully_connected_s8_dsp(const stj_fully_connected_dsp_params *params, const stj_in *in, const stj_out *out,
                                int32_t y0, int32_t y1);

#endif
