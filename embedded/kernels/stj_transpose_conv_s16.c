/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV on int16 in plain C, by the way of stj_transpose_conv_s8.c: an output position reads the input
 * positions of whose windows it is part, and the weight goes back by a stride from one to the next. */
#include "stj_transpose_conv_s16.h"

#include <stddef.h>

#include "stj_dot_s16.h"
#include "stj_region.h"
#include "stj_taps.h"

enum { LANES = STJ_LANES_S16 };

/* The input positions of one output position along one axis: `count` from `first` on, of which some may lie outside of
 * the image; the weight of the first is at `tap`. */
typedef struct {
    int32_t first, count, tap;
} reach;

static reach reach_of(int32_t position, int32_t kernel, int32_t stride) {
    const int32_t first = stj_floor(position - kernel + stride, stride), last = stj_floor(position, stride);
    const reach found = {first, last - first + 1, position - first * stride};
    return found;
}

typedef struct {
    const stj_transpose_conv_s16_params *p;
    stj_taps taps;
    int32_t tap;         /* weights, counted by channels' lanes, of the first tap on the image */
    int32_t right, down; /* by how much that goes back per tap */
} window;

/* All taps on the image. */
static void add_window(const window *window, const int8_t *weights, int64_t *sums) {
    const stj_taps *taps = &window->taps;
    int32_t offset = taps->offset, row = window->tap;
    for (int32_t rows = taps->count > 0 ? taps->end_y - taps->first_y : 0; rows > 0; rows--) {
        const int8_t *pixel = taps->data + offset;
        int32_t room = stj_room(taps, offset), at = row;
        for (int32_t columns = taps->count; columns > 0; columns--, at -= window->right) {
            stj_dot_s16(pixel, weights + at, window->p->in_c, sums);
            pixel += columns > 1 ? stj_right(taps, &room) : 0;
        }
        row -= window->down;
        offset = stj_below(taps, offset);
    }
}

static STJ_NOINLINE void compute_position(const window *window, int8_t *out) {
    const stj_transpose_conv_s16_params *p = window->p;
    const stj_rescale_64 rescale = {p->bias, p->multiplier, p->shift, p->out_min, p->out_max};
    const int32_t per_channel = p->kernel_h * p->kernel_w * p->in_c;
    for (int32_t c = 0; c < p->out_c; c += LANES) {
        const int32_t count = p->out_c - c < LANES ? p->out_c - c : LANES;
        int64_t sums[LANES] = {0, 0, 0, 0};
        add_window(window, p->weights + c * per_channel, sums);
        stj_store_64(&rescale, c, count, sums, out + c * STJ_S16_BYTES);
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_transpose_conv_s16_params *p = params;
    const int32_t depth = p->in_c * LANES;
    const reach rows = reach_of(run->y + p->pad_top, p->kernel_h, p->stride_h);
    const stj_axis height = {rows.count, 1, 1, 0, p->in_h};
    window window;
    window.p = p;
    window.right = p->stride_w * depth;
    window.down = p->stride_h * p->kernel_w * depth;
    stj_taps_of_row(&window.taps, in, &height, 1, run->above, rows.first);
    const int32_t row = (rows.tap - window.taps.first_y * p->stride_h) * p->kernel_w;
    for (int32_t i = 0; i < run->count; i++) {
        const reach columns = reach_of(run->x + i + p->pad_left, p->kernel_w, p->stride_w);
        const stj_axis width = {columns.count, 1, 1, 0, p->in_w};
        stj_taps_in_row(&window.taps, in, &width, columns.first);
        window.tap = (row + columns.tap - window.taps.first_x * p->stride_w) * depth;
        compute_position(&window, run->to + i * p->out_c * STJ_S16_BYTES);
    }
}

void stj_transpose_conv_s16(const stj_transpose_conv_s16_params *params, const stj_in *in, const stj_out *out,
                            int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c * STJ_S16_BYTES);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_transpose_conv_s16_tile(const stj_transpose_conv_s16_params *params, const stj_pixels_in *in,
                                 const stj_pixels_out *out, const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
