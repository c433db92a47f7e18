/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_curve_s16.h"

#include "stj_pixels.h"
#include "stj_rows.h"
#include "stj_s16.h"
#include "stj_sigmoid_16.h"

static STJ_NOINLINE void compute(const stj_curve_s16_params *p, const int8_t *from, int8_t *to, int32_t count) {
    const int32_t half = (int32_t)((UINT32_C(1) << p->shift) >> 1);
    for (int32_t i = 0; i < count * STJ_S16_BYTES; i += STJ_S16_BYTES) {
        const int32_t scaled = (stj_load_s16(from + i) * p->factor + half) >> p->shift;
        stj_store_s16(to + i, p->hyperbolic ? stj_tanh_of(scaled) : stj_sigmoid_of(scaled));
    }
}

void stj_curve_s16(const stj_curve_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *from = (const int8_t *)stj_read_row(in, y);
        compute(params, from, (int8_t *)stj_write_row(out, y), params->row_elements);
    }
}

static void compute_pixels(const void *params, const stj_pixel_runs *runs) {
    compute(params, runs->in[0], runs->to, runs->bytes / STJ_S16_BYTES);
}

void stj_curve_s16_tile(const stj_curve_s16_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                        const stj_region *region) {
    stj_over_pixels(compute_pixels, params, in, 1, out, region);
}
