/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen adjacent channels are the lanes; the largest of a window tap by tap. */
#include "stj_max_pool_2d_s8_mve.h"

#include "stj_mve.h"
#include "stj_taps.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

/* The largest values of the channels `some` from `channel` on. */
static inline int8x16_t largest(const stj_taps *taps, int32_t channel, mve_pred16_t some) {
    int8x16_t most = vdupq_n_s8(INT8_MIN);
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset + channel;
        int32_t room = stj_room(taps, offset);
        for (int32_t kx = 0; kx < taps->count; kx++) {
            most = vmaxq_s8(most, vldrbq_z_s8(x, some));
            x += stj_right(taps, &room);
        }
        offset = stj_below(taps, offset);
    }
    return most;
}

static inline void compute_position(const stj_pool_2d_params *p, const stj_taps *taps, int8_t *to) {
    for (int32_t c = 0; c < p->channels; c += 16) {
        const mve_pred16_t some = vctp8q((uint32_t)(p->channels - c));
        vstrbq_p_s8(to + c, largest(taps, c, some), some);
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_pool_2d_params *p = params;
    const stj_axis height = {p->kernel_h, p->stride_h, 1, p->pad_top, p->in_h};
    int8_t *to = run->to;
    stj_taps taps;
    stj_taps_of_row(&taps, in, &height, 1, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++, to += p->channels) {
        const stj_axis width = {p->kernel_w, p->stride_w, 1, p->pad_left, p->in_w};
        stj_taps_in_row(&taps, in, &width, run->x + i);
        compute_position(p, &taps, to);
    }
    stj_mve_clamp(run->to, run->count * p->channels, p->out_min, p->out_max);
}

void stj_max_pool_2d_s8_mve(const stj_pool_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                            int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->channels);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_max_pool_2d_s8_mve_tile(const stj_pool_2d_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                                 const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}

#endif
