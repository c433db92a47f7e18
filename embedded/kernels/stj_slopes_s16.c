/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_slopes_s16.h"

#include "stj_pixels.h"
#include "stj_requantize.h"
#include "stj_rows.h"
#include "stj_s16.h"

static STJ_NOINLINE void compute(const stj_slopes_s16_params *p, const int8_t *from, int8_t *to, int32_t count) {
    for (int32_t i = 0; i < count * STJ_S16_BYTES; i += STJ_S16_BYTES) {
        const int32_t value = stj_load_s16(from + i);
        const int32_t scaled = stj_requantize(value, p->multiplier[value >= 0], p->shift[value >= 0]);
        stj_store_s16(to + i, stj_clamp(scaled, p->out_min, p->out_max));
    }
}

void stj_slopes_s16(const stj_slopes_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *from = (const int8_t *)stj_read_row(in, y);
        compute(params, from, (int8_t *)stj_write_row(out, y), params->row_elements);
    }
}

static void compute_pixels(const void *params, const stj_pixel_runs *runs) {
    compute(params, runs->in[0], runs->to, runs->bytes / STJ_S16_BYTES);
}

void stj_slopes_s16_tile(const stj_slopes_s16_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region) {
    stj_over_pixels(compute_pixels, params, in, 1, out, region);
}
