/* SPDX-License-Identifier: Apache-2.0 */
/* Regions of a depthwise convolution in plain C, and the sums of a window of one image; weights are stored as who
 * includes it says (stj_depthwise_sums.h). What a position takes is the includer's, too. */
#ifndef STJ_DEPTHWISE_RUN_H
#define STJ_DEPTHWISE_RUN_H

#include <stddef.h>

#include "stj_depthwise_sums.h"

/* How a window lies: all taps on the image and each row of them in one piece; some taps outside; all outside, or a row
 * in two pieces. */
typedef enum { WHOLE, CLIPPED, BROKEN } lie;

/* A region while it is computed, and the window of one position. */
typedef struct {
    const stj_depthwise_conv_2d_params *p;
    const void *in, *out; /* views of rows or of pixels (stj_walk.h) */
    int8_t *to;           /* where the position goes */
    int32_t left;         /* positions from this one on that are adjacent in memory */
    int8_t of_rows, lie;
    int8_t slides, slid; /* whether the next position of a row can be had from the one before; whether this one may */
    int32_t beyond;      /* of the rows of taps on the image, how many lie beyond the end of the ring */
    int32_t skipped;     /* bytes of weights before the first tap on the image */
    int32_t row_bytes;   /* of the weights of a row of taps */
    stj_taps taps;
} window;

/* All channels of a position. */
static STJ_NOINLINE void compute_position(const window *window);

/* Whether channels are computed by fours. */
static inline int by_fours(const stj_depthwise_conv_2d_params *p) {
    return p->depth_multiplier == 1 && p->in_c >= LANES;
}

/* Channels of the output. */
static inline int32_t channels_of(const window *window) { return window->p->in_c * window->p->depth_multiplier; }

/* Sums of `count` channels (>= LANES) from `channel` on, of a window that lies whole; one output each. */
static STJ_NOINLINE void sum_whole(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const int32_t right = window->taps.right, step = TAP(window->p->in_c);
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        const int8_t *from = window->taps.data + window->taps.offset + channel;
        const int8_t *w = window->p->weights + AT(channel);
        four sum = begin_four(window->p->whole_bias + channel);
        for (int32_t rows = window->p->kernel_h;;) {
            add_taps(&sum, from, w, window->p->kernel_w, right, step, 0);
            STJ_READ_AGAIN();
            if (--rows == 0) {
                break;
            }
            w += window->row_bytes;
            from += stj_way_down(&window->taps, rows, window->beyond);
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

/* The same where some taps are outside. */
static STJ_NOINLINE void sum_clipped(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const int32_t right = window->taps.right, step = TAP(window->p->in_c), columns = window->taps.count;
    const int32_t zero_point = taken_off(window->p);
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        const int8_t *from = window->taps.data + window->taps.offset + channel;
        const int8_t *w = window->p->weights + window->skipped + AT(channel);
        four sum = begin_four(bias_of(window->p) + channel);
        for (int32_t rows = stj_rows_of_taps(&window->taps);;) {
            add_taps(&sum, from, w, columns, right, step, zero_point);
            STJ_READ_AGAIN();
            if (--rows == 0) {
                break;
            }
            w += window->row_bytes;
            from += stj_way_down(&window->taps, rows, window->beyond);
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

/* The same for any window, tap by tap. */
static STJ_NOINLINE void sum_broken(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        four sum = begin_four(bias_of(window->p) + channel);
        for (int32_t row = 0; row < stj_rows_of_taps(&window->taps); row++) {
            const int32_t offset = stj_row_of_taps(&window->taps, row);
            const int8_t *x = window->taps.data + offset + channel;
            const int8_t *w = window->p->weights + window->skipped + row * window->row_bytes + AT(channel);
            const int32_t step = TAP(window->p->in_c), zero_point = taken_off(window->p);
            int32_t room = stj_room(&window->taps, offset);
            for (int32_t left = window->taps.count;;) {
                w = add_taps(&sum, x, w, 1, 0, step, zero_point);
                if (--left == 0) {
                    break;
                }
                x += stj_right(&window->taps, &room);
            }
            STJ_READ_AGAIN();
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

/* The sum of one output channel, tap by tap. */
static STJ_NOINLINE int32_t sum_one(const window *window, int32_t channel) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_taps *taps = &window->taps;
    const int32_t step = TAP(channels_of(window)), zero_point = taken_off(window->p);
    const int8_t *w = p->weights + window->skipped;
    uint32_t sum = (uint32_t)bias_of(window->p)[channel];
    int32_t offset = taps->offset;
    for (int32_t rows = stj_rows_of_taps(taps); rows > 0; rows--) {
        const int8_t *x = taps->data + offset + channel / p->depth_multiplier;
        int32_t room = stj_room(taps, offset);
        for (int32_t tap = 0; tap < taps->count; tap++) {
            sum += (uint32_t)((*x - zero_point) * WEIGHT(w + tap * step, channel));
            x += tap + 1 < taps->count ? stj_right(taps, &room) : 0;
        }
        w += window->row_bytes;
        offset = stj_below(taps, offset);
    }
    return (int32_t)sum;
}

/* Sums of `count` channels (>= LANES) by fours. */
static inline void sum_fours(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    if (window->lie == WHOLE) {
        sum_whole(window, channel, count, sums);
    } else if (window->lie == CLIPPED) {
        sum_clipped(window, channel, count, sums);
    } else {
        sum_broken(window, channel, count, sums);
    }
}

/* Takes the window to row `y` of those of all images. */
static STJ_NOINLINE void begin(window *window, int32_t y) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_pixels_in pixels = stj_seen_in(window->in, window->of_rows, p->in_w, p->in_c);
    const int32_t image = y / p->out_h;
    window->left = 0;
    window->slid = 0;
    window->slides = (int8_t)stj_rows_whole(&pixels, p->in_w);
    window->row_bytes = p->kernel_w * TAP(channels_of(window));
    stj_taps_of_row(&window->taps, &pixels, &height, p->dilation_w, image * p->in_h, y - image * p->out_h);
}

/* Where output positions from (y, x) on go, of which `room` are left in the region. */
static STJ_NOINLINE void goes_to(window *window, int32_t y, int32_t x, int32_t room) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_pixels_out pixels = stj_seen_out(window->out, window->of_rows, p->out_w, channels_of(window));
    window->left = room;
    window->to = (int8_t *)stj_write_pixels(&pixels, y, x, &window->left);
}

/* Takes the window to column `x`. */
static STJ_NOINLINE void place(window *window, int32_t x) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    stj_taps *taps = &window->taps;
    const int inside = stj_inside(&width, x);
    if (window->slid && inside) {
        taps->offset += p->stride_w * p->in_c;
        return;
    }
    const stj_pixels_in pixels = stj_seen_in(window->in, window->of_rows, p->in_w, p->in_c);
    stj_taps_in_row(taps, &pixels, &width, x);
    const int32_t rows = stj_rows_of_taps(taps);
    const int all = rows == p->kernel_h && taps->count == p->kernel_w;
    window->beyond = stj_rows_beyond(taps);
    window->skipped = (taps->first_y * p->kernel_w + taps->first_x) * TAP(channels_of(window));
    window->lie = rows == 0 || !stj_straight(taps, taps->count) ? BROKEN : all ? WHOLE : CLIPPED;
    window->slid = (int8_t)(window->slides && inside);
}

static STJ_NOINLINE void compute(window *window, const stj_region *region) {
    const int32_t x1 = window->of_rows ? window->p->out_w : region->x1;
    for (int32_t y = region->y0; y < region->y1; y++) {
        begin(window, y);
        for (int32_t x = region->x0; x < x1; x++) {
            if (window->left == 0) {
                goes_to(window, y, x, x1 - x);
            }
            place(window, x);
            compute_position(window);
            window->to += channels_of(window);
            window->left--;
        }
    }
}

/* Views are of rows or of pixels, as the region says. */
static inline void compute_region(const stj_depthwise_conv_2d_params *p, const void *in, const void *out,
                                  const stj_region *region) {
    window window;
    window.p = p;
    window.in = in;
    window.out = out;
    window.of_rows = (int8_t)stj_of_rows(region);
    compute(&window, region);
}

#endif
