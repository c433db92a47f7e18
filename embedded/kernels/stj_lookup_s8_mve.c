/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen bytes are the offsets of a gather load from the table. */
#include "stj_lookup_s8_mve.h"

#include "stj_mve.h"
#include "stj_pixels.h"
#include "stj_rows.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

static void look_up(const uint8_t *table, const uint8_t *from, uint8_t *to, int32_t count) {
    for (; count >= 16; count -= 16, from += 16, to += 16) {
        vstrbq_u8(to, vldrbq_gather_offset_u8(table, vldrbq_u8(from)));
    }
    if (count > 0) {
        const mve_pred16_t some = vctp8q((uint32_t)count);
        vstrbq_p_u8(to, vldrbq_gather_offset_u8(table, vldrbq_z_u8(from, some)), some);
    }
}

void stj_lookup_s8_mve(const stj_lookup_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        look_up(params->table, stj_read_row(&in[0], y), stj_write_row(&out[0], y), params->row_bytes);
    }
}

static void look_up_pixels(const void *params, const stj_pixel_runs *runs) {
    const stj_lookup_params *p = params;
    look_up(p->table, (const uint8_t *)runs->in[0], (uint8_t *)runs->to, runs->bytes);
}

void stj_lookup_s8_mve_tile(const stj_lookup_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                            const stj_region *region) {
    stj_over_pixels(look_up_pixels, params, in, 1, out, region);
}

#endif
