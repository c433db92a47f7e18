/* SPDX-License-Identifier: Apache-2.0 */
/* A run of positions of a depthwise convolution in plain C, and the sum of one output; weights are stored as who
 * includes it says (stj_depthwise_sums.h). What a position takes is the includer's, too. */
#ifndef STJ_DEPTHWISE_RUN_H
#define STJ_DEPTHWISE_RUN_H

#include <stddef.h>

#include "stj_cut.h"
#include "stj_depthwise_sums.h"

/* All channels of a position; `one_by_one` where they cannot be computed by fours. */
static STJ_NOINLINE void compute_position(const window *window, int one_by_one, int8_t *out);

/* The sum of one output channel, tap by tap. */
static STJ_NOINLINE int32_t sum_one(const window *window, int32_t channel) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_taps *taps = &window->taps;
    uint32_t sum = (uint32_t)window->bias[channel];
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset + channel / p->depth_multiplier;
        const int8_t *w = p->weights + (ky * p->kernel_w + taps->first_x) * TAP(window->channels);
        int32_t room = stj_room(taps, offset);
        for (int32_t kx = 0; kx < taps->count; kx++) {
            sum += (uint32_t)((*x - window->zero_point) * WEIGHT(w, channel));
            x += stj_right(taps, &room);
            w += TAP(window->channels);
        }
        offset = stj_below(taps, offset);
    }
    return (int32_t)sum;
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_depthwise_conv_2d_params *p = params;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    const int rows_whole = stj_rows_whole(in, p->in_w);
    const int one_by_one =
        p->depth_multiplier > 1 || p->in_c < LANES || !stj_pieces_fit(rows_whole, p->kernel_h, p->kernel_w);
    window window;
    window.p = p;
    window.bias = p->bias != NULL ? p->bias : p->whole_bias;
    window.zero_point = p->bias != NULL ? p->in_zero_point : 0;
    window.channels = p->in_c * p->depth_multiplier;
    stj_taps_of_row(&window.taps, in, &height, p->dilation_w, run->above, run->y);
    const int all_rows = window.taps.end_y - window.taps.first_y == p->kernel_h;
    int slides = 0;
    for (int32_t i = 0; i < run->count; i++) {
        const int32_t x = run->x + i;
        const int inside = stj_inside(&width, x);
        if (slides && inside) {
            stj_slide(&window.pieces, p->stride_w * in->pixel_bytes);
        } else {
            stj_taps_in_row(&window.taps, in, &width, x);
            window.whole = all_rows && inside;
            if (!one_by_one) {
                stj_cut(&window.pieces, &window.taps, p->kernel_w);
                slides = rows_whole && inside;
            }
        }
        compute_position(&window, one_by_one, run->to + i * window.channels);
    }
}

#endif
