/* SPDX-License-Identifier: Apache-2.0 */
/* A word of four bytes at a time: LDR, EOR with 0x80808080, STR. */
#include "stj_flip_s8_dsp.h"

#include "stj_dsp.h"
#include "stj_pixels.h"
#include "stj_rows.h"

static inline void flip_word(const uint8_t *from, uint8_t *to) {
    stj_store_word(to, (int32_t)((uint32_t)stj_load_word(from) ^ UINT32_C(0x80808080)));
}

static void flip(const uint8_t *from, uint8_t *to, int32_t count) {
    int32_t i = 0;
    for (; i + 16 <= count; i += 16) {
        flip_word(from + i, to + i);
        flip_word(from + i + 4, to + i + 4);
        flip_word(from + i + 8, to + i + 8);
        flip_word(from + i + 12, to + i + 12);
    }
    for (; i < count; i++) {
        to[i] = from[i] ^ 0x80;
    }
}

void stj_flip_s8_dsp(const stj_flip_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        flip(stj_read_row(&in[0], y), stj_write_row(&out[0], y), params->row_bytes);
    }
}

static void flip_pixels(const void *params, const stj_pixel_runs *runs) {
    (void)params;
    flip((const uint8_t *)runs->in[0], (uint8_t *)runs->to, runs->bytes);
}

void stj_flip_s8_dsp_tile(const stj_flip_dsp_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                          const stj_region *region) {
    stj_over_pixels(flip_pixels, params, in, 1, out, region);
}
