/* SPDX-License-Identifier: Apache-2.0 */
/* A case of stj_depthwise_dsp.h, where idea, layout and register plan are: 5 x 5 taps at a stride of 1. */
#include "stj_depthwise_conv_2d_5x5_s8_dsp.h"

#include "stj_depthwise_dsp_template.h"

enum { SIZE = 5, STRIDE = 1 };

static STJ_NOINLINE void unpack_rows(int32_t *records, const stj_window *window, stj_line *line) {
    stj_unpack_rows(SIZE, records, window, line);
}

static STJ_NOINLINE void unpack_last(int32_t *records, const stj_window *window, stj_line *line) {
    stj_unpack_last(SIZE, records, window, line);
}

static STJ_NOINLINE void add(const int32_t *lane, const int32_t *table, int8_t *out, int32_t step, int32_t count,
                             int32_t channels, const stj_window *window) {
    stj_add(SIZE, STRIDE, lane, table, out, step, count, channels, window);
}

static STJ_NOINLINE void compute(const stj_depthwise_dsp_params *p, const stj_pixels_in *in, const stj_output_run *run,
                                 void *scratch) {
    const stj_depthwise_passes passes = {unpack_rows, unpack_last, 0, add};
    stj_depthwise_pieces(SIZE, STRIDE, passes, p, in, run, scratch);
}

void stj_depthwise_conv_2d_5x5_s8_dsp(const stj_depthwise_dsp_params *params, const stj_in *in, const stj_out *out,
                                      int32_t y0, int32_t y1) {
    stj_depthwise_rows(compute, params, in, out, y0, y1);
}

void stj_depthwise_conv_2d_5x5_s8_dsp_tile(const stj_depthwise_dsp_params *params, const stj_pixels_in *in,
                                           const stj_pixels_out *out, const stj_region *region) {
    stj_depthwise_region(compute, params, in, out, region);
}
