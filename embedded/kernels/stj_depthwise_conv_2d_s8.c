/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_depthwise_conv_2d_s8.h"

#include "stj_rescale.h"
#include "stj_taps.h"

/* The window of one output position, clipped to the image, and its weights. */
typedef struct {
    stj_taps taps;
    const int8_t *weights; /* of the first tap of the first row */
    int32_t weight_row;    /* elements from one row of taps to the next */
    int32_t weight_step;   /* elements from one tap to the next */
    int32_t zero_point;
} clipped_window;

/* sums[k] = the window's sum for adjacent channels k = 0 .. 3 from `channel` on. */
static STJ_NOINLINE void add_four(const clipped_window *window, int32_t channel, int32_t sums[4]) {
    const stj_taps *taps = &window->taps;
    const int8_t *weights = window->weights + channel;
    const int32_t zero_point = window->zero_point;
    int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset + channel;
        const int8_t *w = weights;
        int32_t count = stj_head(taps, offset);
        int32_t rest = taps->count - count;
        for (;;) {
            for (int32_t kx = 0; kx < count; kx++) {
                s0 += (x[0] - zero_point) * w[0];
                s1 += (x[1] - zero_point) * w[1];
                s2 += (x[2] - zero_point) * w[2];
                s3 += (x[3] - zero_point) * w[3];
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
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
}

/* The window's sum for one output channel. */
static int32_t add_one(const clipped_window *window, int32_t in_channel, int32_t out_channel) {
    const stj_taps *taps = &window->taps;
    const int8_t *weights = window->weights + out_channel;
    int32_t sum = 0;
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset + in_channel;
        const int8_t *w = weights;
        int32_t room = stj_room(taps, offset);
        for (int32_t kx = 0; kx < taps->count; kx++) {
            sum += (*x - window->zero_point) * *w;
            x += stj_right(taps, &room);
            w += window->weight_step;
        }
        weights += window->weight_row;
        offset = stj_below(taps, offset);
    }
    return sum;
}

/* One output position: all channels. */
static void compute_position(const stj_depthwise_conv_2d_params *p, const stj_rescale *rescale,
                             const clipped_window *window, int8_t *out) {
    int32_t sums[4];
    int32_t c = 0;
    if (p->depth_multiplier == 1) {
        for (; c + 4 <= p->in_c; c += 4) {
            add_four(window, c, sums);
            stj_store(rescale, c, 4, sums, out + c);
        }
    }
    for (int32_t in_c = c; in_c < p->in_c; in_c++) {
        for (int32_t k = 0; k < p->depth_multiplier; k++, c++) {
            sums[0] = add_one(window, in_c, c);
            stj_store(rescale, c, 1, sums, out + c);
        }
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_depthwise_conv_2d_params *p = params;
    const int32_t out_c = p->in_c * p->depth_multiplier;
    const stj_rescale rescale = {p->bias, p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    clipped_window window;
    window.weight_row = p->kernel_w * out_c;
    window.weight_step = out_c;
    window.zero_point = p->in_zero_point;
    stj_taps_of_row(&window.taps, in, &height, p->dilation_w, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++) {
        const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
        stj_taps_in_row(&window.taps, in, &width, run->x + i);
        window.weights = p->weights + window.taps.first_y * window.weight_row + window.taps.first_x * out_c;
        compute_position(p, &rescale, &window, run->to + i * out_c);
    }
}

void stj_depthwise_conv_2d_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                              int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_depthwise_conv_2d_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                   const stj_pixels_out *out, const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
