/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_max_pool_2d_s8.h"

#include "stj_requantize.h"
#include "stj_taps.h"

/* Maximum over the window of one channel. */
static int32_t window_max(const stj_taps *taps, int32_t channel) {
    int32_t highest = INT8_MIN;
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset + channel;
        int32_t room = stj_room(taps, offset);
        for (int32_t kx = 0; kx < taps->count; kx++) {
            highest = *x > highest ? *x : highest;
            x += stj_right(taps, &room);
        }
        offset = stj_below(taps, offset);
    }
    return highest;
}

static STJ_NOINLINE void compute_run(const stj_pool_2d_params *p, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_axis height = {p->kernel_h, p->stride_h, 1, p->pad_top, p->in_h};
    int8_t *to = run->to;
    stj_taps taps;
    stj_taps_of_row(&taps, in, &height, 1, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++) {
        const stj_axis width = {p->kernel_w, p->stride_w, 1, p->pad_left, p->in_w};
        stj_taps_in_row(&taps, in, &width, run->x + i);
        for (int32_t c = 0; c < p->channels; c++) {
            *to++ = (int8_t)stj_clamp(window_max(&taps, c), p->out_min, p->out_max);
        }
    }
}

void stj_max_pool_2d_s8(const stj_pool_2d_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                        int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->channels);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_max_pool_2d_s8_tile(const stj_pool_2d_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                             const stj_region *region) {
    for (int32_t y = region->y0; y < region->y1; y++) {
        for (int32_t x = region->x0; x < region->x1;) {
            const stj_output_run run = stj_output_run_of(out, y, x, region->x1);
            compute_run(params, in, &run);
            x += run.count;
        }
    }
}
