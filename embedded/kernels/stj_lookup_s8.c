/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_lookup_s8.h"

#include "stj_pixels.h"
#include "stj_rows.h"

static void look_up(const uint8_t *table, const uint8_t *from, uint8_t *to, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        to[i] = table[from[i]];
    }
}

void stj_lookup_s8(const stj_lookup_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        look_up(params->table, stj_read_row(&in[0], y), stj_write_row(&out[0], y), params->row_bytes);
    }
}

static void look_up_pixels(const void *params, const stj_pixel_runs *runs) {
    const stj_lookup_params *p = params;
    look_up(p->table, (const uint8_t *)runs->in[0], (uint8_t *)runs->to, runs->bytes);
}

void stj_lookup_s8_tile(const stj_lookup_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                        const stj_region *region) {
    stj_over_pixels(look_up_pixels, params, in, 1, out, region);
}
