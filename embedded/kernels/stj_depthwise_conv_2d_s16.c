/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D on int16 in plain C: position by position, the taps walked once for up to four channels. */
#include "stj_depthwise_conv_2d_s16.h"

#include <stddef.h>

#include "stj_taps.h"

enum { LANES = STJ_LANES_S16 };

/* Adds one tap's products of `count` channels from `first` on. */
static inline void add_tap(const stj_depthwise_conv_2d_s16_params *p, const int8_t *x, const int8_t *w, int32_t first,
                           int32_t count, int64_t *sums) {
    for (int32_t k = 0; k < count; k++) {
        const int32_t input = p->depth_multiplier == 1 ? first + k : (first + k) / p->depth_multiplier;
        sums[k] += stj_load_s16(x + input * STJ_S16_BYTES) * w[k];
    }
}

static STJ_NOINLINE void add_window(const stj_depthwise_conv_2d_s16_params *p, const stj_taps *taps, int32_t first,
                                    int32_t count, int64_t *sums) {
    const int32_t channels = p->in_c * p->depth_multiplier;
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset;
        const int8_t *w = p->weights + (ky * p->kernel_w + taps->first_x) * channels + first;
        int32_t room = stj_room(taps, offset);
        for (int32_t kx = 0; kx < taps->count; kx++) {
            add_tap(p, x, w, first, count, sums);
            w += channels;
            x += kx + 1 < taps->count ? stj_right(taps, &room) : 0;
        }
        offset = stj_below(taps, offset);
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_depthwise_conv_2d_s16_params *p = params;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    const stj_rescale_64 rescale = {p->bias, p->multiplier, p->shift, p->out_min, p->out_max};
    const int32_t channels = p->in_c * p->depth_multiplier;
    int8_t *out = run->to;
    stj_taps taps;
    stj_taps_of_row(&taps, in, &height, p->dilation_w, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++) {
        stj_taps_in_row(&taps, in, &width, run->x + i);
        for (int32_t c = 0; c < channels; c += LANES) {
            const int32_t count = channels - c < LANES ? channels - c : LANES;
            int64_t sums[LANES] = {0, 0, 0, 0};
            add_window(p, &taps, c, count, sums);
            stj_store_64(&rescale, c, count, sums, out);
            out += count * STJ_S16_BYTES;
        }
    }
}

void stj_depthwise_conv_2d_s16(const stj_depthwise_conv_2d_s16_params *params, const stj_in *in, const stj_out *out,
                               int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c * STJ_S16_BYTES);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_depthwise_conv_2d_s16_tile(const stj_depthwise_conv_2d_s16_params *params, const stj_pixels_in *in,
                                    const stj_pixels_out *out, const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
