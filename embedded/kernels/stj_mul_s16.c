/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_mul_s16.h"

#include "stj_pixels.h"
#include "stj_requantize.h"
#include "stj_s16.h"

static STJ_NOINLINE void multiply_elements(const void *p, const int8_t *a, int32_t step0, const int8_t *b,
                                           int32_t step1, int8_t *to, int32_t count) {
    const stj_mul_s16_params *params = p;
    for (int32_t c = 0; c < count; c++) {
        const int32_t product = stj_load_s16(a + c * step0) * stj_load_s16(b + c * step1);
        const int32_t scaled = stj_requantize(product, params->multiplier, params->shift);
        stj_store_s16(to + c * STJ_S16_BYTES, stj_clamp(scaled, params->out_min, params->out_max));
    }
}

void stj_mul_s16(const stj_mul_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast_of(multiply_elements, params, params->operands, &params->result, STJ_S16_BYTES, in, out, y0, y1);
}

static void multiply_pixels(const void *params, const stj_pixel_runs *runs) {
    multiply_elements(params, runs->in[0], STJ_S16_BYTES, runs->in[1], STJ_S16_BYTES, runs->to,
                      runs->bytes / STJ_S16_BYTES);
}

void stj_mul_s16_tile(const stj_mul_s16_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                      const stj_region *region) {
    stj_over_pixels(multiply_pixels, params, in, 2, out, region);
}
