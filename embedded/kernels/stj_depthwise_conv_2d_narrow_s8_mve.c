/* SPDX-License-Identifier: Apache-2.0 */
/* Four adjacent channels of one position are the lanes: inputs and weights are widened as they are loaded, multiplied
 * and added up tap by tap. It needs no neighbours and no working memory, and costs six instructions for four products,
 * which is why wider images have stj_depthwise_conv_2d_s8_mve. Weights and parameters lie as in the file; taps of
 * padding are left out (stj_taps.h), so the zero point is subtracted from each input. */
#include "stj_depthwise_conv_2d_narrow_s8_mve.h"

#include "stj_mve.h"
#include "stj_taps.h"

#if defined(__ARM_FEATURE_MVE)

typedef struct {
    stj_taps taps;
    const int8_t *weights; /* of the first tap of the first row */
    int32_t weight_row;    /* elements from one row of taps to the next */
    int32_t weight_step;   /* elements from one tap to the next */
    int32_t zero_point;
} clipped_window;

/* The window's sums of the lanes `some`, channels from `channel` on. */
STJ_TEMPLATE int32x4_t sums_of(const clipped_window *window, int32_t channel, mve_pred16_t some, int32_t all) {
    const stj_taps *taps = &window->taps;
    const int8_t *weights = window->weights + channel;
    const int32_t zero_point = window->zero_point;
    int32x4_t sums = vdupq_n_s32(0);
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset + channel;
        const int8_t *w = weights;
        int32_t count = stj_head(taps, offset);
        int32_t rest = taps->count - count;
        for (;;) {
            for (int32_t kx = 0; kx < count; kx++) {
                const int32x4_t inputs = all ? vldrbq_s32(x) : vldrbq_z_s32(x, some);
                const int32x4_t own = all ? vldrbq_s32(w) : vldrbq_z_s32(w, some);
                sums = vaddq_s32(sums, vmulq_s32(vsubq_n_s32(inputs, zero_point), own));
                x += taps->right;
                w += window->weight_step;
            }
            if (rest == 0) {
                break;
            }
            x -= taps->turn;
            count = rest;
            rest = 0;
        }
        weights += window->weight_row;
        offset = stj_below(taps, offset);
    }
    return sums;
}

static void compute_position(const stj_depthwise_conv_2d_narrow_mve_params *p, const clipped_window *window,
                             int8_t *to) {
    for (int32_t c = 0; c < p->in_c; c += 4) {
        const mve_pred16_t some = vctp32q((uint32_t)(p->in_c - c));
        const int32x4_t sums = p->in_c - c < 4 ? sums_of(window, c, some, 0) : sums_of(window, c, some, 1);
        const int32x4_t acc = vaddq_s32(sums, vldrwq_z_s32(p->bias + c, some));
        const int32x4_t multiplier = vldrwq_z_s32(p->multiplier + c, some);
        const int32x4_t n = vldrwq_z_s32(p->shift + c, some);
        const int32x4_t rescaled =
            p->halves ? stj_mve_rescale(acc, multiplier, n, 1) : stj_mve_rescale(acc, multiplier, n, 0);
        vstrbq_p_s32(to + c, stj_mve_narrow_lanes(rescaled, p->out_zero_point), some);
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_depthwise_conv_2d_narrow_mve_params *p = params;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    clipped_window window;
    window.weight_row = p->kernel_w * p->in_c;
    window.weight_step = p->in_c;
    window.zero_point = p->in_zero_point;
    stj_taps_of_row(&window.taps, in, &height, p->dilation_w, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++) {
        const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
        stj_taps_in_row(&window.taps, in, &width, run->x + i);
        window.weights = p->weights + window.taps.first_y * window.weight_row + window.taps.first_x * p->in_c;
        compute_position(p, &window, run->to + i * p->in_c);
    }
    stj_mve_clamp(run->to, run->count * p->in_c, p->out_min, p->out_max);
}

void stj_depthwise_conv_2d_narrow_s8_mve(const stj_depthwise_conv_2d_narrow_mve_params *params, const stj_in *in,
                                         const stj_out *out, int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_depthwise_conv_2d_narrow_s8_mve_tile(const stj_depthwise_conv_2d_narrow_mve_params *params,
                                              const stj_pixels_in *in, const stj_pixels_out *out,
                                              const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}

#endif
