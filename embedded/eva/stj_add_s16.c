/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB on int16. */
#include "stj_add_s16.h"

#define ELEMENT_BYTES 2
#include "elements.h"

static stj_add_s16_params params_of(const stretch *a, const stretch *b) {
    const stj_add_s16_params params = {
        {{1, HEIGHT}, WIDTH, CHANNELS},
        {a->steps, b->steps},
        {unknown(0, INT32_MAX / 2), unknown(0, INT32_MAX / 2)},
        {unknown(-31, 0), unknown(-31, 0)},
        unknown(0, 1) ? 1 : -1,
        unknown(0, INT32_MAX),
        unknown(-31, 0),
        unknown(-999, 0),
        unknown(1, 999),
    };
    return params;
}

static void rows(const stretch *a, const stretch *b, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_add_s16_params params = params_of(a, b);
    stj_add_s16(&params, in, out, y0, y1);
}

static void tile(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_add_s16_params params = params_of(&STRETCHES[0], &STRETCHES[0]);
    stj_add_s16_tile(&params, in, out, region);
}

int main(void) {
    check_two_operands(rows);
    check_regions(tile);
    return 0;
}
