/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions by squares of 3, 5 or 7 taps for Cortex-M with the DSP extension: parameters, and the template
 * of which each kernel is one case. Every case is exact: no zero point is subtracted, padding is real data.
 *
 * The idea. SMLAD multiplies two pairs of int16. Pairs are made of rows: rows 0 and 1 of the window, rows 2 and 3, ...,
 * column by column; the last row, which has no partner, makes pairs of its columns 2k and 2k + 1:
 *
 *     window of 3 x 3    v0  v1  v2        vi   column i of rows 0 and 1
 *                        t0----  t1        ti   columns 2i and 2i + 1 of row 2
 *
 * so that 9 taps are 5 multiplications, 25 are 13, 49 are 25. Two passes over each run of output columns:
 *
 * 1. Columns are unpacked, four channels at a time: two words of four bytes (rows a and b) become four pairs by
 *    PKHBT, PKHTB and four SXTB16. They go to scratch in records of two columns, the four channels one after another:
 *
 *        record k, channel c:    v of rows 0 and 1, columns 2k and 2k + 1;   v of rows 2 and 3; ...;   t k
 *
 *    Columns and rows outside the image are pairs of zero points. Where rows lie, and that a ring wraps within them,
 *    matters in this pass only.
 * 2. Each channel is computed four output columns at a time: its weights stay in registers while every pair is loaded
 *    once and added into all outputs that it belongs to. The last columns are a block of their own size.
 *
 * Register plan of pass 2, 3 x 3:   4 accumulators, 3 weights, 2 pairs; record, table, output, its step and the count.
 *
 * Rescaling: weights and bias are scaled per channel so that the shift is the same constant everywhere (SSAT takes it
 * along), which is two instructions per output: verify/targets/cortex_m_dsp/even_shift.py. */
#ifndef STJ_DEPTHWISE_DSP_H
#define STJ_DEPTHWISE_DSP_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Images are [height, width, channels]; several follow each other in the rows: row r is row r % out_h of image
 * r / out_h. */
typedef struct {
    const int32_t *table; /* per output channel: bias, multiplier, addend, and the window's words of weights: first v of
                           * rows 0 and 1, left to right, then of rows 2 and 3, ..., then of the last row the pairs of
                           * columns 0 and 1, 1 and 2, 2 and 3, ... */
    int32_t in_h, in_w, in_c;  /* positions, >= 1 */
    int32_t out_h, out_w;      /* positions, >= 1 */
    int32_t depth_multiplier;  /* output channels per input channel, >= 1 */
    int32_t stride_h;          /* input positions, >= 1 */
    int32_t dilation_h;        /* input positions, >= 1 */
    int32_t pad_top, pad_left; /* positions, >= 0 */
    int32_t in_zero_point;     /* [-128, 127] */
    int32_t columns;           /* output columns per run, >= 1: what scratch has room for */
} stj_depthwise_dsp_params;

#endif
