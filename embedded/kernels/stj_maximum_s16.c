/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_maximum_s16.h"

#include "stj_pixels.h"
#include "stj_s16.h"

static STJ_NOINLINE void choose_elements(const void *p, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1,
                                         int8_t *to, int32_t count) {
    const stj_maximum_params *params = p;
    for (int32_t c = 0; c < count; c++) {
        const int32_t x = stj_load_s16(a + c * step0), y = stj_load_s16(b + c * step1);
        stj_store_s16(to + c * STJ_S16_BYTES, (x < y) == (params->smaller != 0) ? x : y);
    }
}

void stj_maximum_s16(const stj_maximum_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast_of(choose_elements, params, params->operands, &params->result, STJ_S16_BYTES, in, out, y0, y1);
}

static void choose_pixels(const void *params, const stj_pixel_runs *runs) {
    const int32_t count = runs->bytes / STJ_S16_BYTES;
    choose_elements(params, runs->in[0], STJ_S16_BYTES, runs->in[1], STJ_S16_BYTES, runs->to, count);
}

void stj_maximum_s16_tile(const stj_maximum_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                          const stj_region *region) {
    stj_over_pixels(choose_pixels, params, in, 2, out, region);
}
