/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_prelu_s8.h"

#include "stj_pixels.h"
#include "stj_requantize.h"

static STJ_NOINLINE void slope_elements(const void *p, const int8_t *a, int32_t step0, const int8_t *b, int32_t step1,
                                        int8_t *to, int32_t count) {
    const stj_prelu_params *params = p;
    for (int32_t c = 0; c < count; c++) {
        const int32_t x = a[c * step0] - params->in_zero_point[0];
        const int32_t alpha = b[c * step1] - params->in_zero_point[1];
        const int32_t scaled = x >= 0 ? stj_requantize(x, params->multiplier, params->shift)
                                      : stj_requantize(x * alpha, params->slope_multiplier, params->slope_shift);
        to[c] = (int8_t)stj_clamp(scaled + params->out_zero_point, INT8_MIN, INT8_MAX);
    }
}

void stj_prelu_s8(const stj_prelu_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    stj_over_broadcast(slope_elements, params, params->operands, &params->result, in, out, y0, y1);
}

static void slope_pixels(const void *params, const stj_pixel_runs *runs) {
    slope_elements(params, runs->in[0], 1, runs->in[1], 1, runs->to, runs->bytes);
}

void stj_prelu_s8_tile(const stj_prelu_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                       const stj_region *region) {
    stj_over_pixels(slope_pixels, params, in, 2, out, region);
}
