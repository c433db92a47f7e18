/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D in plain C, a byte for each weight. */
#include "stj_conv_2d_s8.h"

#define BYTES STJ_CONV_2D_LANES
#define WEIGHT(w, k) ((w)[k])
#include "stj_conv_2d_loops.h"

void stj_conv_2d_s8(const stj_conv_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_region rows = {y0, y1, 0, STJ_WHOLE_ROWS};
    compute_region(params, in, out, &rows);
}

void stj_conv_2d_s8_tile(const stj_conv_2d_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region) {
    compute_region(params, in, out, region);
}
