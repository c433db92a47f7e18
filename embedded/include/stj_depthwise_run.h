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
    const int32_t *bias; /* of windows that may be clipped, and what is taken off their inputs */
    int32_t zero_point;
    int32_t channels; /* of the output */
    lie lie;
    int32_t rows, beyond;    /* of taps on the image, and of those how many lie beyond the end of the ring */
    int32_t skipped, unread; /* bytes of weights before the first tap on the image, and after those of a row of taps */
    stj_taps taps;
} window;

/* All channels of a position; `one_by_one` where they cannot be computed by fours. */
static STJ_NOINLINE void compute_position(const window *window, int one_by_one, int8_t *out);

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

/* All but what a position needs, for row `y` of an image whose first row is row `above` of the ring. */
static STJ_NOINLINE void begin(window *window, const stj_depthwise_conv_2d_params *p, const stj_pixels_in *in,
                               int32_t above, int32_t y) {
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    window->p = p;
    window->bias = p->bias != NULL ? p->bias : p->whole_bias;
    window->zero_point = p->bias != NULL ? p->in_zero_point : 0;
    window->channels = p->in_c * p->depth_multiplier;
    stj_taps_of_row(&window->taps, in, &height, p->dilation_w, above, y);
}

static inline stj_axis columns(const stj_depthwise_conv_2d_params *p) {
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    return width;
}

/* Takes the window to column `x`. */
static STJ_NOINLINE void place(window *window, const stj_pixels_in *in, int32_t x) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_axis width = columns(p);
    stj_taps *taps = &window->taps;
    stj_taps_in_row(taps, in, &width, x);
    window->rows = stj_rows_of_taps(taps);
    window->beyond = stj_rows_beyond(taps);
    window->skipped = (taps->first_y * p->kernel_w + taps->first_x) * TAP(window->channels);
    window->unread = (p->kernel_w - taps->count) * TAP(window->channels);
    const int all = window->rows == p->kernel_h && window->unread == 0;
    window->lie = window->rows == 0 || !stj_straight(taps, taps->count) ? BROKEN : all ? WHOLE : CLIPPED;
}

static STJ_NOINLINE void compute_region(const stj_depthwise_conv_2d_params *p, const stj_pixels_in *in,
                                        const stj_pixels_out *out, const stj_region *region) {
    const int one_by_one = p->depth_multiplier > 1 || p->in_c < LANES;
    window window;
    for (int32_t y = region->y0; y < region->y1; y++) {
        const int32_t image = y / p->out_h;
        int8_t *to = NULL;
        int slides = 0; /* whether the next position can be had from the one before */
        begin(&window, p, in, image * p->in_h, y - image * p->out_h);
        for (int32_t x = region->x0, count = 0; x < region->x1; x++, count--, to += window.channels) {
            const stj_axis width = columns(p);
            if (count == 0) {
                count = region->x1 - x;
                to = (int8_t *)stj_write_pixels(out, y, x, &count);
            }
            if (slides && stj_inside(&width, x)) {
                window.taps.offset += p->stride_w * in->pixel_bytes;
            } else {
                place(&window, in, x);
                slides = stj_rows_whole(in, p->in_w) && stj_inside(&width, x);
            }
            compute_position(&window, one_by_one, to);
        }
    }
}

/* Rows, as regions of images as wide as themselves. */
static inline void compute_rows(const stj_depthwise_conv_2d_params *p, const stj_in *in, const stj_out *out, int32_t y0,
                                int32_t y1) {
    const stj_region region = {y0, y1, 0, p->out_w};
    stj_pixels_in from;
    stj_pixels_out to;
    stj_see_in(&from, in, p->in_w, p->in_c);
    stj_see_out(&to, out, p->out_w, p->in_c * p->depth_multiplier);
    compute_region(p, &from, &to, &region);
}

#endif
