/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB with the DSP extension: operands whose channels lie side by side. */
#include "stj_add_s8_dsp.h"

#include "elements.h"

static stj_add_dsp_params params_of(const stretch *a, const stretch *b) {
    const stj_add_dsp_params params = {{{1, HEIGHT}, WIDTH, CHANNELS},
                                       {a->steps, b->steps},
                                       {unknown(-INT32_MAX, INT32_MAX), unknown(-INT32_MAX, INT32_MAX)},
                                       unknown(-INT32_MAX, INT32_MAX),
                                       unknown(-128, 0),
                                       unknown(1, 127)};
    return params;
}

static void rows(const stretch *a, const stretch *b, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_add_dsp_params params = params_of(a, b);
    stj_add_s8_dsp(&params, in, out, y0, y1);
}

static void tile(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_add_dsp_params params = params_of(&STRETCHES[0], &STRETCHES[0]);
    stj_add_s8_dsp_tile(&params, in, out, region);
}

int main(void) {
    static const int ways[] = {0, 1, 3};
    for (int way = 0; way < 3; way++) {
        check_stretched(rows, &STRETCHES[0], &STRETCHES[ways[way]]);
        check_stretched(rows, &STRETCHES[ways[way]], &STRETCHES[0]);
    }
    check_regions(tile);
    return 0;
}
