/* SPDX-License-Identifier: Apache-2.0 */
/* MAXIMUM and MINIMUM on int16. */
#include "stj_maximum_s16.h"

#define ELEMENT_BYTES 2
#include "elements.h"

static stj_maximum_params params_of(const stretch *a, const stretch *b) {
    const stj_maximum_params params = {{{1, HEIGHT}, WIDTH, CHANNELS}, {a->steps, b->steps}, unknown(0, 1)};
    return params;
}

static void rows(const stretch *a, const stretch *b, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_maximum_params params = params_of(a, b);
    stj_maximum_s16(&params, in, out, y0, y1);
}

static void tile(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_maximum_params params = params_of(&STRETCHES[0], &STRETCHES[0]);
    stj_maximum_s16_tile(&params, in, out, region);
}

int main(void) {
    check_two_operands(rows);
    check_regions(tile);
    return 0;
}
