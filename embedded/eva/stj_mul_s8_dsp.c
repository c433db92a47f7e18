/* SPDX-License-Identifier: Apache-2.0 */
/* MUL with the DSP extension: operands whose channels lie side by side. That sums before their shift fit is claim C6's
 * to show, here multiplier and addend are small. */
#include "stj_mul_s8_dsp.h"

#include "elements.h"

static stj_mul_dsp_params params_of(const stretch *a, const stretch *b) {
    const stj_mul_dsp_params params = {{{1, HEIGHT}, WIDTH, CHANNELS},
                                       {a->steps, b->steps},
                                       {unknown(-128, 127), unknown(-128, 127)},
                                       unknown(0, INT32_MAX),
                                       unknown(-(1 << 30), 1 << 30),
                                       unknown(1, 31),
                                       unknown(-128, 0),
                                       unknown(1, 127)};
    return params;
}

static void rows(const stretch *a, const stretch *b, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_mul_dsp_params params = params_of(a, b);
    stj_mul_s8_dsp(&params, in, out, y0, y1);
}

static void tile(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_mul_dsp_params params = params_of(&STRETCHES[0], &STRETCHES[0]);
    stj_mul_s8_dsp_tile(&params, in, out, region);
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
