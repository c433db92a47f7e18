/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D on int16 in plain C: position by position, four channels at a time, so that an input is loaded once for four
 * products. Taps that lie side by side in memory are one vector. */
#include "stj_conv_2d_s16.h"

#include <stddef.h>

#include "stj_dot_s16.h"
#include "stj_taps.h"

enum { LANES = STJ_LANES_S16 };

typedef struct {
    const stj_conv_2d_s16_params *p;
    int32_t depth; /* input channels of a group */
    stj_taps taps;
} window;

/* Taps of one row from `x` on, to the next wrap. */
static void add_taps(const window *window, const int8_t *x, const int8_t *w, int32_t count, int64_t *sums) {
    const int32_t depth = window->depth;
    if (window->p->groups * window->p->dilation_w == 1) {
        stj_dot_s16(x, w, count * depth, sums);
        return;
    }
    for (int32_t tap = 0; tap < count; tap++) {
        stj_dot_s16(x + tap * window->taps.right, w + tap * depth * LANES, depth, sums);
    }
}

/* All taps on the image; `channel` is the first one of their inputs. */
static void add_window(const window *window, const int8_t *weights, int32_t channel, int64_t *sums) {
    const stj_taps *taps = &window->taps;
    const int32_t per_tap = window->depth * LANES, per_row = window->p->kernel_w * per_tap;
    const int8_t *w = weights + taps->first_y * per_row + taps->first_x * per_tap;
    int32_t offset = taps->offset;
    for (int32_t rows = taps->count > 0 ? taps->end_y - taps->first_y : 0; rows > 0; rows--) {
        const int32_t head = stj_head(taps, offset), rest = taps->count - head;
        const int8_t *x = taps->data + offset + channel * STJ_S16_BYTES;
        add_taps(window, x, w, head, sums);
        if (rest > 0) {
            add_taps(window, x + (head * taps->right - taps->turn), w + head * per_tap, rest, sums);
        }
        w += per_row;
        offset = stj_below(taps, offset);
    }
}

static STJ_NOINLINE void compute_position(const window *window, int8_t *out) {
    const stj_conv_2d_s16_params *p = window->p;
    const stj_rescale_64 rescale = {p->bias, p->multiplier, p->shift, p->out_min, p->out_max};
    const int32_t out_depth = p->out_c / p->groups;
    const int32_t block = p->kernel_h * p->kernel_w * window->depth * LANES;
    const int8_t *weights = p->weights;
    int32_t lane = 0;
    for (int32_t channel = 0; channel < p->in_c; channel += window->depth) {
        for (int32_t c = 0; c < out_depth; c += LANES) {
            const int32_t count = out_depth - c < LANES ? out_depth - c : LANES;
            int64_t sums[LANES] = {0, 0, 0, 0};
            add_window(window, weights, channel, sums);
            stj_store_64(&rescale, lane, count, sums, out);
            out += count * STJ_S16_BYTES;
            lane += LANES;
            weights += block;
        }
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_conv_2d_s16_params *p = params;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    window window;
    window.p = p;
    window.depth = p->in_c / p->groups;
    stj_taps_of_row(&window.taps, in, &height, p->dilation_w, run->above, run->y);
    for (int32_t i = 0; i < run->count; i++) {
        stj_taps_in_row(&window.taps, in, &width, run->x + i);
        compute_position(&window, run->to + i * p->out_c * STJ_S16_BYTES);
    }
}

void stj_conv_2d_s16(const stj_conv_2d_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                     int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c * STJ_S16_BYTES);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_conv_2d_s16_tile(const stj_conv_2d_s16_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                          const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
