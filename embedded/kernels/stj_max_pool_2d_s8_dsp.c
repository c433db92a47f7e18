/* SPDX-License-Identifier: Apache-2.0 */
/* MAX_POOL_2D of four channels at once: SSUB8 notes for each byte whether a difference is negative, SEL takes bytes by
 * that. words[0] and words[1] hold the largest so far of channels 0 .. 3 and 4 .. 7; the others are not used. They
 * begin at the least int8; the activation's range is a comparison of words likewise, at the end.
 */
#include "stj_max_pool_2d_s8_dsp.h"

#include "stj_pool_2d_dsp.h"

static inline void take_larger(stj_pool_taken *taken, const int8_t *from, int32_t count, int32_t step) {
    int32_t a = taken->words[0], b = taken->words[1];
    do {
        const int32_t first = stj_load_word(from), second = stj_load_word(from + 4);
        from += step;
        a = stj_max_bytes(first, a);
        b = stj_max_bytes(second, b);
    } while (--count > 0);
    taken->words[0] = a, taken->words[1] = b;
}

static inline void give_largest(const stj_pool_taken *taken, int32_t count, const stj_pool_2d_params *params,
                                int8_t *to) {
    const int32_t low = stj_four_bytes(params->out_min), high = stj_four_bytes(params->out_max);
    (void)count;
    stj_store_word(to, stj_min_bytes(stj_max_bytes(taken->words[0], low), high));
    stj_store_word(to + 4, stj_min_bytes(stj_max_bytes(taken->words[1], low), high));
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    stj_pool_groups(take_larger, stj_four_bytes(INT8_MIN), give_largest, params, in, run);
}

void stj_max_pool_2d_s8_dsp(const stj_pool_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                            int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->channels);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_max_pool_2d_s8_dsp_tile(const stj_pool_2d_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                                 const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
