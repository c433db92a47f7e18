/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_compare_s8.h"

#include "stj_pixels.h"
#include "stj_requantize.h"

#define HEADROOM 8 /* bits below the point of the common scale */

/* One operand's element in the common scale. */
static inline int32_t common(const stj_compare_params *params, int operand, int32_t x) {
    const int32_t shifted = (x - params->in_zero_point[operand]) * (INT32_C(1) << HEADROOM);
    return stj_requantize(shifted, params->multiplier[operand], params->shift[operand]);
}

static STJ_NOINLINE void compare_elements(const void *p, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1,
                                          int8_t *to, int32_t count) {
    const stj_compare_params *params = p;
    for (int32_t c = 0; c < count; c++) {
        const int32_t x = common(params, 0, a[c * step0]), y = common(params, 1, b[c * step1]);
        const int32_t outcome = x < y ? 1 : x == y ? 2 : 4;
        to[c] = (params->relation & outcome) != 0;
    }
}

void stj_compare_s8(const stj_compare_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast(compare_elements, params, params->operands, &params->result, in, out, y0, y1);
}

static void compare_pixels(const void *params, const stj_pixel_runs *runs) {
    compare_elements(params, runs->in[0], 1, runs->in[1], 1, runs->to, runs->bytes);
}

void stj_compare_s8_tile(const stj_compare_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region) {
    stj_over_pixels(compare_pixels, params, in, 2, out, region);
}
