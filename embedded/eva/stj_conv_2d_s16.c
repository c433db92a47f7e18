/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D on int16, without groups and with two. Channels of `kernel` are bytes: two for each. */
#include "stj_conv_2d_s16.h"

#include "wide.h"
#include "windows.h"

static stj_conv_2d_s16_params params_of(const layer *l, const rescaling *r) {
    const int32_t groups = 2 * l->kernel->depth == l->in_c ? 1 : 2;
    const stj_conv_2d_s16_params params = {
        l->weights,    r->bias,      r->multiplier, r->shift,  l->height.extent, l->width.extent,  l->in_c / 2,
        l->height.out, l->width.out, l->out_c / 2,  WINDOW(l), groups,           unknown(-999, 0), unknown(1, 999),
    };
    return params;
}

static void rows(const layer *l, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const rescaling found = unknown_rescaling(l->kernel->lanes);
    const stj_conv_2d_s16_params params = params_of(l, &found);
    stj_conv_2d_s16(&params, in, out, y0, y1);
    free_rescaling(&found);
}

static void tile(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const rescaling found = unknown_rescaling(l->kernel->lanes);
    const stj_conv_2d_s16_params params = params_of(l, &found);
    stj_conv_2d_s16_tile(&params, in, out, region);
    free_rescaling(&found);
}

int main(void) {
    const kernel plain = {2 * 3, 2 * 5, 3, 0, rows, tile, 0, 8}, grouped = {2 * 4, 2 * 6, 2, 0, rows, tile, 0, 8};
    check_windows(&plain);
    check_windows(&grouped);
    return 0;
}
