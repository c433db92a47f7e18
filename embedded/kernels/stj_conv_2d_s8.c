/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D in plain C, a byte for each weight. */
#include "stj_conv_2d_s8.h"

#define BYTES STJ_CONV_2D_LANES
#define WEIGHT(w, k) ((w)[k])
#include "stj_conv_2d_loops.h"

void stj_conv_2d_s8(const stj_conv_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_conv_2d_s8_tile(const stj_conv_2d_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
