/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions by squares of 3, 5 or 7 taps for Cortex-M with the DSP extension: parameters, and the template
 * of which each kernel is one case (stj_depthwise_dsp_template.h).
 *
 * The idea. SMLAD multiplies two pairs of int16. Pairs are made of rows: rows 0 and 1 of the window, rows 2 and 3, ...,
 * column by column; the last row, which has no partner, makes pairs of its columns 2k and 2k + 1:
 *
 *     window of 3 x 3    v0  v1  v2        vi   column i of rows 0 and 1
 *                        t0----  t1        ti   columns 2i and 2i + 1 of row 2
 *
 * so that 9 taps are 5 multiplications, 25 are 13, 49 are 25. Two passes over each run of output columns:
 *
 * 1. Columns are unpacked, four channels at a time: two words of four bytes, of rows a and b, become four pairs less
 * the zero point by PKHBT, PKHTB and four SXTAB16. They go to scratch in records of two columns:
 *
 *        record k    channel 0: v of rows 0 and 1 in columns 2k and 2k + 1; v of rows 2 and 3; ...; t k
 *                    channel 1: the same, and so on to channel 3
 *
 *    What is outside the image is 0. Rows of which nothing is inside are left out of both passes. Where rows lie, and
 *    that a ring wraps within them, matters in this pass only.
 * 2. Each channel is computed in blocks of up to six output columns: weights are loaded once per block and pair of
 * rows, every pair of values once per block, and multiplied into all outputs that it belongs to. Rows of up to six
 * columns are one block, which does not look at the columns beside the image.
 *
 * Register plan of pass 2, 3 x 3 and four outputs:   4 sums, 3 weights, 2 pairs; record, table, output, step, count.
 *
 * Rescaling: weights and bias are scaled per channel so that the shift is the same constant everywhere (SSAT takes it
 * along), which is two instructions per output: verify/targets/cortex_m_dsp/even_shift.py.
 *
 * What it takes (instructions per output on a Cortex-M7, -O2, 48 channels, one row per call; the last column is a whole
 * image of 5 x 5 or 3 x 3):
 *
 *     stride 1   width 40    20    10      5       3          stride 2   width 40    20
 *     3 x 3          18.7   20.3  23.9   24.6    28.7                        25.8
 *     5 x 5                 38.6  44.1   42.1
 *     7 x 7                 58.7  64.8   52.3    47.6                                77.2
 *
 * made up of, for 3 x 3 and stride 1: 12 per output in blocks of four and 40 per channel and run; 4.8 per column and
 * channel of pass 1; 100 per four channels and run, 300 per run. */
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
