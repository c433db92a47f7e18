/* SPDX-License-Identifier: Apache-2.0 */
/* AVERAGE_POOL_2D on int16. Channels of `kernel` are bytes: two for each. */
#include "stj_average_pool_2d_s16.h"

#include "windows.h"

static stj_pool_2d_params params_of(const layer *l) {
    const stj_pool_2d_params params = {l->height.extent, l->width.extent, l->in_c / 2,     l->height.out,
                                       l->width.out,     BOTH(l, taps),   BOTH(l, stride), BOTH(l, before),
                                       unknown(-999, 0), unknown(1, 999)};
    return params;
}

static void rows(const layer *l, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_pool_2d_params params = params_of(l);
    stj_average_pool_2d_s16(&params, in, out, y0, y1);
}

static void tile(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_pool_2d_params params = params_of(l);
    stj_average_pool_2d_s16_tile(&params, in, out, region);
}

int main(void) {
    const kernel pooling = {2 * 2, 2 * 2, 0, 1, rows, tile, 0, 0};
    check_windows(&pooling);
    return 0;
}
