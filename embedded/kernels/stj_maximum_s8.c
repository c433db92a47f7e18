/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_maximum_s8.h"

#include "stj_pixels.h"

/* Results to[0 .. count - 1]; the operands' elements are `step0` and `step1` bytes apart. */
static STJ_NOINLINE void choose_elements(const stj_maximum_params *params, const int8_t *a, int32_t step0,
                                         const int8_t *b, int32_t step1, int8_t *to, int32_t count) {
    for (int32_t c = 0; c < count; c++) {
        const int8_t x = a[c * step0], y = b[c * step1];
        to[c] = (x < y) == (params->smaller != 0) ? x : y;
    }
}

void stj_maximum_s8(const stj_maximum_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_broadcast_result *result = &params->result;
    const int32_t step0 = params->operands[0].byte_step[1];
    const int32_t step1 = params->operands[1].byte_step[1];
    for (int32_t y = y0; y < y1; y++) {
        const int32_t row0 = stj_broadcast_row(&params->operands[0], result, y);
        const int32_t row1 = stj_broadcast_row(&params->operands[1], result, y);
        int8_t *to = (int8_t *)stj_write_row(&out[0], y);
        for (int32_t x = 0; x < result->width; x++) {
            const int8_t *a = stj_broadcast_column(&params->operands[0], &in[0], row0, x);
            const int8_t *b = stj_broadcast_column(&params->operands[1], &in[1], row1, x);
            choose_elements(params, a, step0, b, step1, to, result->channels);
            to += result->channels;
        }
    }
}

static void choose_pixels(const void *params, const stj_pixel_runs *runs) {
    choose_elements(params, runs->in[0], 1, runs->in[1], 1, runs->to, runs->bytes);
}

void stj_maximum_s8_tile(const stj_maximum_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region) {
    stj_over_pixels(choose_pixels, params, in, 2, out, region);
}
