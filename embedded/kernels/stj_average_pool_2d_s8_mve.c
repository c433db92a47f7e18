/* SPDX-License-Identifier: Apache-2.0 */
/* Four adjacent channels are the lanes; their sums tap by tap, then divided one by one. */
#include "stj_average_pool_2d_s8_mve.h"

#include "stj_mve.h"
#include "stj_taps.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

/* The sums of the channels `some` from `channel` on. */
static inline int32x4_t sums_of(const stj_taps *taps, int32_t channel, mve_pred16_t some) {
    int32x4_t sums = vdupq_n_s32(0);
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset + channel;
        int32_t room = stj_room(taps, offset);
        for (int32_t kx = 0; kx < taps->count; kx++) {
            sums = vaddq_s32(sums, vldrbq_z_s32(x, some));
            x += stj_right(taps, &room);
        }
        offset = stj_below(taps, offset);
    }
    return sums;
}

/* total / count to nearest, halves away from zero; the sign is taken without a branch. */
static inline int32_t rounded_mean(int32_t total, int32_t count) {
    const int32_t half = count / 2, sign = total >> 31;
    return (total + ((half ^ sign) - sign)) / count;
}

static inline void compute_position(const stj_pool_2d_params *p, const stj_taps *taps, int8_t *to) {
    const int32_t count = taps->count * (taps->end_y - taps->first_y);
    for (int32_t c = 0; c < p->channels; c += 4) {
        const mve_pred16_t some = vctp32q((uint32_t)(p->channels - c));
        const int32x4_t sums = sums_of(taps, c, some);
        int32x4_t means = vdupq_n_s32(rounded_mean(vgetq_lane_s32(sums, 0), count));
        means = vsetq_lane_s32(rounded_mean(vgetq_lane_s32(sums, 1), count), means, 1);
        means = vsetq_lane_s32(rounded_mean(vgetq_lane_s32(sums, 2), count), means, 2);
        means = vsetq_lane_s32(rounded_mean(vgetq_lane_s32(sums, 3), count), means, 3);
        vstrbq_p_s32(to + c, means, some);
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

void stj_average_pool_2d_s8_mve(const stj_pool_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                                int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->channels);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_average_pool_2d_s8_mve_tile(const stj_pool_2d_params *params, const stj_pixels_in *in,
                                     const stj_pixels_out *out, const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}

#endif
