/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups in three instructions per element, LDRB, LDRB and STRB, and those of the loop once for eight. A word of four
 * elements would save loads but take as many instructions to be taken apart.
 */
#include "stj_lookup_s8_dsp.h"

#include "stj_pixels.h"
#include "stj_rows.h"

static inline void look_up_four(const uint8_t *table, const uint8_t *from, uint8_t *to) {
    const uint8_t a = from[0], b = from[1], c = from[2], d = from[3];
    const uint8_t e = table[a], f = table[b], g = table[c], h = table[d];
    to[0] = e, to[1] = f, to[2] = g, to[3] = h;
}

static void look_up(const uint8_t *table, const uint8_t *from, uint8_t *to, int32_t count) {
    int32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        look_up_four(table, from + i, to + i);
        look_up_four(table, from + i + 4, to + i + 4);
    }
    for (; i < count; i++) {
        to[i] = table[from[i]];
    }
}

void stj_lookup_s8_dsp(const stj_lookup_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                       int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        look_up(params->table, stj_read_row(&in[0], y), stj_write_row(&out[0], y), params->row_bytes);
    }
}

static void look_up_pixels(const void *params, const stj_pixel_runs *runs) {
    const stj_lookup_dsp_params *p = params;
    look_up(p->table, (const uint8_t *)runs->in[0], (uint8_t *)runs->to, runs->bytes);
}

void stj_lookup_s8_dsp_tile(const stj_lookup_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                            const stj_region *region) {
    stj_over_pixels(look_up_pixels, params, in, 1, out, region);
}
