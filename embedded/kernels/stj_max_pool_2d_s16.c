/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_max_pool_2d_s16.h"

#include "stj_pool_2d_run_s16.h"

static int32_t larger(int32_t taken, int32_t value) { return value > taken ? value : taken; }

static int32_t itself(int32_t taken, int32_t count) {
    (void)count;
    return taken;
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    stj_pool_run_s16(larger, INT16_MIN, itself, params, in, run);
}

void stj_max_pool_2d_s16(const stj_pool_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->channels * STJ_S16_BYTES);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_max_pool_2d_s16_tile(const stj_pool_2d_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                              const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
