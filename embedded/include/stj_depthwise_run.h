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

/* The window of one position. */
typedef struct {
    const stj_depthwise_conv_2d_params *p;
    const void *in, *out; /* views of rows or of pixels (stj_walk.h) */
    int of_rows;
    const int32_t *bias; /* of windows that may be clipped, and what is taken off their inputs */
    int32_t zero_point;
    int32_t channels; /* of the output */
    lie lie;
    int slides;              /* whether the next position can be had from the one before */
    int32_t rows, beyond;    /* of taps on the image, and of those how many lie beyond the end of the ring */
    int32_t skipped, unread; /* bytes of weights before the first tap on the image, and after those of a row of taps */
    stj_taps taps;
} window;

/* All channels of a position. */
static STJ_NOINLINE void compute_position(const window *window, int8_t *out);

/* Whether channels are computed by fours. */
static inline int by_fours(const stj_depthwise_conv_2d_params *p) {
    return p->depth_multiplier == 1 && p->in_c >= LANES;
}

/* Sums of `count` channels (>= LANES) from `channel` on, of a window that lies whole; one output each. */
static STJ_NOINLINE void sum_whole(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const int32_t right = window->taps.right, step = TAP(window->channels), columns = p->kernel_w;
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        const int8_t *from = window->taps.data + window->taps.offset + channel, *w = p->weights + AT(channel);
        four sum = begin_four(p->whole_bias + channel);
        for (int32_t rows = p->kernel_h;;) {
            w = add_taps(&sum, from, w, columns, right, step, 0);
            if (--rows == 0) {
                break;
            }
            from += stj_way_down(&window->taps, rows, window->beyond);
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

/* The same where some taps are outside. */
static STJ_NOINLINE void sum_clipped(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const int32_t right = window->taps.right, step = TAP(window->channels), zero_point = window->zero_point;
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        const int8_t *from = window->taps.data + window->taps.offset + channel;
        const int8_t *w = window->p->weights + window->skipped + AT(channel);
        four sum = begin_four(window->bias + channel);
        for (int32_t rows = window->rows;;) {
            w = add_taps(&sum, from, w, window->taps.count, right, step, zero_point);
            if (--rows == 0) {
                break;
            }
            w += window->unread;
            from += stj_way_down(&window->taps, rows, window->beyond);
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

/* The same for any window, tap by tap. */
static STJ_NOINLINE void sum_broken(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const stj_taps *taps = &window->taps;
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        const int8_t *w = window->p->weights + window->skipped + AT(channel);
        four sum = begin_four(window->bias + channel);
        int32_t offset = taps->offset;
        for (int32_t rows = window->rows; rows > 0; rows--) {
            const int8_t *x = taps->data + offset + channel;
            int32_t room = stj_room(taps, offset);
            for (int32_t left = taps->count; left > 0; left--) {
                w = add_taps(&sum, x, w, 1, 0, TAP(window->channels), window->zero_point);
                x += left > 1 ? stj_right(taps, &room) : 0;
            }
            w += window->unread;
            offset = stj_below(taps, offset);
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

/* The sum of one output channel, tap by tap. */
static STJ_NOINLINE int32_t sum_one(const window *window, int32_t channel) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_taps *taps = &window->taps;
    const int32_t step = TAP(window->channels);
    const int8_t *w = p->weights + window->skipped;
    uint32_t sum = (uint32_t)window->bias[channel];
    int32_t offset = taps->offset;
    for (int32_t rows = window->rows; rows > 0; rows--) {
        const int8_t *x = taps->data + offset + channel / p->depth_multiplier;
        int32_t room = stj_room(taps, offset);
        for (int32_t left = taps->count; left > 0; left--) {
            sum += (uint32_t)((*x - window->zero_point) * WEIGHT(w, channel));
            x += left > 1 ? stj_right(taps, &room) : 0;
            w += step;
        }
        w += window->unread;
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

/* All but what a position needs, for row `y` of those of all images. */
static STJ_NOINLINE void begin(window *window, int32_t y) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_pixels_in pixels = stj_seen_in(window->in, window->of_rows, p->in_w, p->in_c);
    const int32_t image = y / p->out_h;
    window->bias = p->bias != NULL ? p->bias : p->whole_bias;
    window->zero_point = p->bias != NULL ? p->in_zero_point : 0;
    window->channels = p->in_c * p->depth_multiplier;
    window->slides = stj_rows_whole(&pixels, p->in_w);
    stj_taps_of_row(&window->taps, &pixels, &height, p->dilation_w, image * p->in_h, y - image * p->out_h);
}

static inline stj_axis columns(const stj_depthwise_conv_2d_params *p) {
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    return width;
}

/* Takes the window to column `x`. */
static STJ_NOINLINE void place(window *window, int32_t x) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_pixels_in pixels = stj_seen_in(window->in, window->of_rows, p->in_w, p->in_c);
    const stj_axis width = columns(p);
    stj_taps *taps = &window->taps;
    stj_taps_in_row(taps, &pixels, &width, x);
    window->rows = stj_rows_of_taps(taps);
    window->beyond = stj_rows_beyond(taps);
    window->skipped = (taps->first_y * p->kernel_w + taps->first_x) * TAP(window->channels);
    window->unread = (p->kernel_w - taps->count) * TAP(window->channels);
    const int all = window->rows == p->kernel_h && window->unread == 0;
    window->lie = window->rows == 0 || !stj_straight(taps, taps->count) ? BROKEN : all ? WHOLE : CLIPPED;
}

/* Where output position (y, x) goes; lowers *count to the positions that follow it in memory. */
static STJ_NOINLINE int8_t *goes_to(const window *window, int32_t y, int32_t x, int32_t *count) {
    const stj_pixels_out pixels = stj_seen_out(window->out, window->of_rows, window->p->out_w, window->channels);
    return (int8_t *)stj_write_pixels(&pixels, y, x, count);
}

/* Views are of rows or of pixels, as the region says (stj_walk.h). */
static STJ_NOINLINE void compute(const stj_depthwise_conv_2d_params *p, const void *in, const void *out,
                                 const stj_region *region) {
    const int32_t x1 = stj_of_rows(region) ? p->out_w : region->x1;
    window window;
    window.p = p;
    window.in = in;
    window.out = out;
    window.of_rows = stj_of_rows(region);
    for (int32_t y = region->y0; y < region->y1; y++) {
        int8_t *to = NULL;
        int slid = 0; /* whether this position can be had from the one before */
        begin(&window, y);
        for (int32_t x = region->x0, count = 0; x < x1; x++, count--, to += window.channels) {
            const stj_axis width = columns(p);
            if (count == 0) {
                count = x1 - x;
                to = goes_to(&window, y, x, &count);
            }
            if (slid && stj_inside(&width, x)) {
                window.taps.offset += p->stride_w * p->in_c;
            } else {
                place(&window, x);
                slid = window.slides && stj_inside(&width, x);
            }
            compute_position(&window, to);
        }
    }
}

#endif
