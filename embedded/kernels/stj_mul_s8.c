/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_mul_s8.h"

#include "stj_pixels.h"
#include "stj_requantize.h"

static STJ_NOINLINE void multiply_elements(const void *p, const int8_t *a, int32_t step0, const int8_t *b,
                                           int32_t step1, int8_t *to, int32_t count) {
    const stj_mul_params *params = p;
    for (int32_t c = 0; c < count; c++) {
        const int32_t product = (a[c * step0] - params->in_zero_point[0]) * (b[c * step1] - params->in_zero_point[1]);
        const int32_t scaled = stj_requantize(product, params->multiplier, params->shift) + params->out_zero_point;
        to[c] = (int8_t)stj_clamp(scaled, params->out_min, params->out_max);
    }
}

void stj_mul_s8(const stj_mul_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast(multiply_elements, params, params->operands, &params->result, in, out, y0, y1);
}

static void multiply_pixels(const void *params, const stj_pixel_runs *runs) {
    multiply_elements(params, runs->in[0], 1, runs->in[1], 1, runs->to, runs->bytes);
}

void stj_mul_s8_tile(const stj_mul_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                     const stj_region *region) {
    stj_over_pixels(multiply_pixels, params, in, 2, out, region);
}
