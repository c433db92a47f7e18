/* SPDX-License-Identifier: Apache-2.0 */
/* LOGISTIC and TANH on int16. */
#include "stj_curve_s16.h"

#define ELEMENT_BYTES 2
#include "elements.h"

static stj_curve_s16_params params_of(void) {
    const stj_curve_s16_params params = {WIDTH * CHANNELS, unknown(0, 32767), unknown(0, 31), unknown(0, 1)};
    return params;
}

static void rows(const stretch *a, const stretch *b, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_curve_s16_params params = params_of();
    (void)a, (void)b;
    stj_curve_s16(&params, in, out, y0, y1);
}

static void tile(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_curve_s16_params params = params_of();
    stj_curve_s16_tile(&params, in, out, region);
}

int main(void) {
    check_stretched(rows, &STRETCHES[0], &STRETCHES[0]);
    check_regions(tile);
    return 0;
}
