/* SPDX-License-Identifier: Apache-2.0 */
/* PRELU. */
#include "stj_prelu_s8.h"

#include "elements.h"

static stj_prelu_params params_of(const stretch *a, const stretch *b) {
    const stj_prelu_params params = {{{1, HEIGHT}, WIDTH, CHANNELS},
                                     {a->steps, b->steps},
                                     {unknown(-128, 127), unknown(-128, 127)},
                                     unknown(0, INT32_MAX),
                                     unknown(-31, 22),
                                     unknown(0, INT32_MAX),
                                     unknown(-31, 14),
                                     unknown(-128, 127)};
    return params;
}

static void rows(const stretch *a, const stretch *b, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_prelu_params params = params_of(a, b);
    stj_prelu_s8(&params, in, out, y0, y1);
}

static void tile(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_prelu_params params = params_of(&STRETCHES[0], &STRETCHES[0]);
    stj_prelu_s8_tile(&params, in, out, region);
}

int main(void) {
    check_two_operands(rows);
    check_regions(tile);
    return 0;
}
