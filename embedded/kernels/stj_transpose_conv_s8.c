/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSPOSE_CONV in plain C.
 *
 * An output position reads every input position of whose window it is part. These lie side by side, as the taps of a
 * window of dilation 1 do; on the way from one to the next the weight goes back by a stride. Four channels are summed
 * at once; up to CHUNK are rescaled together. */
#include "stj_transpose_conv_s8.h"

#include "stj_region.h"
#include "stj_rescale.h"
#include "stj_taps.h"

enum { LANES = STJ_TRANSPOSE_CONV_LANES, CHUNK = 2 * LANES };

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
    const stj_transpose_conv_params *p;
    stj_taps taps;
    int32_t tap;         /* weights, counted by channels' lanes, of the first tap on the image */
    int32_t right, down; /* by how much that goes back per tap */
} window;

/* Sums of the LANES channels from `lane` on. */
static STJ_NOINLINE void sum_lanes(const window *window, int32_t lane, int32_t *sums) {
    const stj_transpose_conv_params *p = window->p;
    const stj_taps *taps = &window->taps;
    const int8_t *weights = p->weights + lane * (p->kernel_h * p->kernel_w * p->in_c);
    const int32_t *bias = p->bias + lane;
    const int32_t zero_point = p->in_zero_point, depth = p->in_c;
    uint32_t s0 = (uint32_t)bias[0], s1 = (uint32_t)bias[1], s2 = (uint32_t)bias[2], s3 = (uint32_t)bias[3];
    int32_t offset = taps->offset, row = window->tap;
    for (int32_t rows = taps->count > 0 ? taps->end_y - taps->first_y : 0; rows > 0; rows--) {
        const int8_t *pixel = taps->data + offset;
        int32_t room = stj_room(taps, offset), at = row;
        for (int32_t columns = taps->count; columns > 0; columns--, at -= window->right) {
            const int8_t *x = pixel, *end = x + depth, *w = weights + at;
            do {
                const int32_t value = *x++ - zero_point;
                s0 += (uint32_t)(value * w[0]);
                s1 += (uint32_t)(value * w[1]);
                s2 += (uint32_t)(value * w[2]);
                s3 += (uint32_t)(value * w[3]);
                w += LANES;
            } while (x != end);
            pixel += columns > 1 ? stj_right(taps, &room) : 0;
        }
        row -= window->down;
        offset = stj_below(taps, offset);
    }
    sums[0] = (int32_t)s0, sums[1] = (int32_t)s1, sums[2] = (int32_t)s2, sums[3] = (int32_t)s3;
}

static STJ_NOINLINE void compute_position(const window *window, int8_t *out) {
    const stj_transpose_conv_params *p = window->p;
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    int32_t sums[CHUNK];
    for (int32_t c = 0; c < p->out_c; c += CHUNK) {
        const int32_t count = p->out_c - c < CHUNK ? p->out_c - c : CHUNK;
        for (int32_t lane = 0; lane < count; lane += LANES) {
            sum_lanes(window, c + lane, sums + lane);
        }
        stj_store(&rescale, c, count, sums, out + c);
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_transpose_conv_params *p = params;
    const int32_t depth = p->in_c * LANES;
    const reach rows = reach_of(run->y + p->pad_top, p->kernel_h, p->stride_h);
    const stj_axis height = {rows.count, 1, 1, 0, p->in_h};
    window window;
    window.p = p;
    window.right = p->stride_w * depth;
    window.down = p->stride_h * p->kernel_w * depth;
    stj_taps_of_row(&window.taps, in, &height, 1, run->above, rows.first);
    const int32_t row = (rows.tap - window.taps.first_y * p->stride_h) * p->kernel_w;
    int8_t *out = run->to;
    for (int32_t x = run->x; x < run->x + run->count; x++, out += p->out_c) {
        const reach columns = reach_of(x + p->pad_left, p->kernel_w, p->stride_w);
        const stj_axis width = {columns.count, 1, 1, 0, p->in_w};
        stj_taps_in_row(&window.taps, in, &width, columns.first);
        window.tap = (row + columns.tap - window.taps.first_x * p->stride_w) * depth;
        compute_position(&window, out);
    }
}

void stj_transpose_conv_s8(const stj_transpose_conv_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                           int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_transpose_conv_s8_tile(const stj_transpose_conv_params *params, const stj_pixels_in *in,
                                const stj_pixels_out *out, const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
