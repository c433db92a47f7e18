/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters of CONV_2D where it is computed as products of weights with blocks of three output positions. Shared by
 * the kernels that differ in how weights lie. Facts and sources: verify/ops/conv_2d.py; what is stored:
 * verify/targets/cortex_m_dsp/products.py. */
#ifndef STJ_CONV_2D_DSP_H
#define STJ_CONV_2D_DSP_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Several images follow each other in the rows: row r is row r % out_h of image r / out_h. */
typedef struct {
    const int32_t *stream;    /* weights and rescaling, see the kernel's product */
    int32_t words;            /* of the stream */
    int32_t units;            /* of four inputs in a window, the last one filled up by weights of 0 */
    int32_t rescaling;        /* which of the product's */
    int32_t in_h, in_w, in_c; /* positions, >= 1 */
    int32_t out_h, out_w, out_c;
    int32_t kernel_h, kernel_w;     /* taps, >= 1 */
    int32_t stride_h, stride_w;     /* input positions, >= 1 */
    int32_t dilation_h, dilation_w; /* input positions, >= 1 */
    int32_t pad_top, pad_left;      /* positions, >= 0 */
    int32_t inner_x0, inner_x1;     /* columns of the output whose taps are all on the image */
    int32_t pointwise;              /* 1: position i of the output reads position i of the input and no other */
    int32_t in_zero_point;          /* [-128, 127] */
    int32_t out_zero_point;         /* [-128, 127] */
    int32_t out_min, out_max;       /* stored range that the fused activation leaves, within [-128, 127] */
} stj_conv_2d_dsp_params;

#endif
