/* SPDX-License-Identifier: Apache-2.0 */
/* DIV. Not for Eva: it does not know that the headroom and the shift of a divisor keep the last shift in range. */
#include "stj_div_s8.h"

#include "elements.h"

#ifndef __FRAMAC__
static int32_t *table;

static stj_div_params params_of(const stretch *a, const stretch *b) {
    const stj_div_params params = {{{1, HEIGHT}, WIDTH, CHANNELS},
                                   {a->steps, b->steps},
                                   {unknown(-128, 127), unknown(-128, 127)},
                                   unknown(0, INT32_MAX),
                                   unknown(7, 23),
                                   unknown(-128, 127),
                                   unknown(-128, 0),
                                   unknown(1, 127),
                                   table};
    return params;
}

static void rows(const stretch *a, const stretch *b, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_div_params params = params_of(a, b);
    stj_div_s8(&params, in, out, y0, y1);
}

static void tile(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_div_params params = params_of(&STRETCHES[0], &STRETCHES[0]);
    stj_div_s8_tile(&params, in, out, region);
}
#endif

int main(void) {
#ifndef __FRAMAC__
    table = unknown_words(256, 1 << 30, INT32_MAX);
    for (int repeat = 0; repeat < 100; repeat++) {
        check_two_operands(rows);
        check_regions(tile);
    }
    free(table);
#endif
    return 0;
}
