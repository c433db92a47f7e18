/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D in plain C, of an image whose rows come in phases.
 *
 * The window over each phase is dense: row y of the output reads rows y - before, y - before + 1, ... of it. Where the
 * rows of taps of all phases begin is noted once per position, one phase after the other. Weights lie in that order,
 * too, so a window is summed as if its rows were those of one image. */
#include "stj_depthwise_conv_2d_phases_s8.h"

#include <stddef.h>

#define TAP(channels) (channels)
#define AT(channel) (channel)
#define WEIGHT(w, k) ((w)[k])
#include "stj_depthwise_sums.h"

enum { ROWS = 8 };

/* A row of taps on the image. */
typedef struct {
    const int8_t *x; /* the first tap's pixel */
    int16_t tap;     /* of those of the weights, the first one */
    int8_t phase;
    int8_t head; /* taps before it goes around the end of the ring */
} tap_row;

/* The window of one position. */
typedef struct {
    const stj_depthwise_conv_2d_params *p;
    const void *in, *out; /* views of rows or of pixels (stj_walk.h), of `in` one for each phase */
    int of_rows;
    const int32_t *bias; /* of windows that may be clipped, and what is taken off their inputs */
    int32_t zero_point;
    int32_t rows;
    int32_t count;       /* taps of each on the image */
    int whole, straight; /* whether all taps are on the image and each row is in one piece; the latter alone */
    tap_row row[ROWS];
} window;

/* Where a phase is read from. */
static inline stj_pixels_in operand(const window *window, int32_t phase) {
    const void *in = window->of_rows ? (const void *)((const stj_in *)window->in + phase)
                                     : (const void *)((const stj_pixels_in *)window->in + phase);
    return stj_seen_in(in, window->of_rows, window->p->in_w, window->p->in_c);
}

static inline stj_axis columns(const stj_depthwise_conv_2d_params *p) {
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    return width;
}

/* Notes the rows of taps of output position (y, x) that are on the image. */
static STJ_NOINLINE void place(window *window, int32_t y, int32_t x) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_axis width = columns(p);
    tap_row *next = window->row;
    int32_t first_row = 0; /* of taps, in the order of the weights */
    int straight = 1;
    for (int32_t phase = 0; phase < p->stride_h; phase++) {
        const int32_t shift = p->pad_top + phase, before = shift / p->stride_h, first = shift - before * p->stride_h;
        const int32_t taps_of_phase = (p->kernel_h - first + p->stride_h - 1) / p->stride_h;
        const stj_axis height = {taps_of_phase, 1, 1, before, (p->in_h - phase + p->stride_h - 1) / p->stride_h};
        const stj_pixels_in pixels = operand(window, phase);
        stj_taps taps;
        stj_taps_of_row(&taps, &pixels, &height, p->dilation_w, 0, y);
        stj_taps_in_row(&taps, &pixels, &width, x);
        int32_t offset = taps.offset;
        for (int32_t i = 0; i < stj_rows_of_taps(&taps); i++, next++) {
            next->x = taps.data + offset;
            next->tap = (int16_t)((first_row + taps.first_y + i) * p->kernel_w + taps.first_x);
            next->phase = (int8_t)phase;
            next->head = (int8_t)stj_head(&taps, offset);
            straight &= next->head == taps.count;
            offset = stj_below(&taps, offset);
        }
        first_row += taps_of_phase;
        window->count = taps.count;
    }
    window->rows = (int32_t)(next - window->row);
    window->straight = straight;
    window->whole = straight && window->rows == p->kernel_h && window->count == p->kernel_w;
}

/* Whether the rows of all phases lie in memory as they are. */
static int rows_whole(const window *window) {
    int whole = 1;
    for (int32_t phase = 0; phase < window->p->stride_h; phase++) {
        const stj_pixels_in pixels = operand(window, phase);
        whole &= stj_rows_whole(&pixels, window->p->in_w);
    }
    return whole;
}

/* Sums of `count` channels (>= LANES) from `channel` on, of a window of which all taps are on the image, each row
 * of them in one piece. */
static STJ_NOINLINE void sum_whole(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const int32_t channels = p->in_c, right = p->dilation_w * channels;
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        const int8_t *w = p->weights + channel;
        four sum = begin_four(p->whole_bias + channel);
        for (const tap_row *row = window->row, *end = row + window->rows; row < end; row++) {
            w = add_taps(&sum, row->x + channel, w, p->kernel_w, right, channels, 0);
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

/* The same where some taps are outside. */
static STJ_NOINLINE void sum_clipped(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const int32_t channels = p->in_c, right = p->dilation_w * channels;
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        four sum = begin_four(window->bias + channel);
        for (const tap_row *row = window->row, *end = row + window->rows; row < end; row++) {
            const int8_t *w = p->weights + row->tap * channels + channel;
            add_taps(&sum, row->x + channel, w, window->count, right, channels, window->zero_point);
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

/* How far back from the end of a row in memory to its start. Rows that are broken are those of pixels. */
static STJ_NOINLINE int32_t turn_of(const window *window, int32_t phase) {
    const stj_pixels_in *in = (const stj_pixels_in *)window->in + phase;
    return (in->rows > 0 ? in->columns : in->pixels) * in->pixel_bytes;
}

/* The same for any window: rows of taps in up to two pieces. */
static STJ_NOINLINE void sum_broken(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const int32_t channels = window->p->in_c, right = window->p->dilation_w * channels;
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        four sum = begin_four(window->bias + channel);
        for (const tap_row *row = window->row, *end = row + window->rows; row < end; row++) {
            const int8_t *x = row->x + channel, *w = window->p->weights + row->tap * channels + channel;
            int32_t taps = row->head, rest = window->count - taps;
            for (;;) {
                w = add_taps(&sum, x, w, taps, right, channels, window->zero_point);
                if (rest == 0) {
                    break;
                }
                x += taps * right - turn_of(window, row->phase);
                taps = rest;
                rest = 0;
            }
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

static STJ_NOINLINE void compute_position(const window *window, int8_t *out) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    int32_t sums[CHUNK];
    for (int32_t done = 0; done < p->in_c; done += CHUNK) {
        int32_t c = done, count = p->in_c - done < CHUNK ? p->in_c - done : CHUNK;
        if (count < LANES) {
            c = p->in_c - LANES;
            count = LANES;
        }
        if (window->whole) {
            sum_whole(window, c, count, sums);
        } else if (window->straight) {
            sum_clipped(window, c, count, sums);
        } else {
            sum_broken(window, c, count, sums);
        }
        stj_store(&rescale, c, count, sums, out + c);
    }
}

/* Where output position (y, x) goes; lowers *count to the positions that follow it in memory. */
static STJ_NOINLINE int8_t *goes_to(const window *window, int32_t y, int32_t x, int32_t *count) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_pixels_out pixels = stj_seen_out(window->out, window->of_rows, p->out_w, p->in_c);
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
    window.bias = p->bias != NULL ? p->bias : p->whole_bias;
    window.zero_point = p->bias != NULL ? p->in_zero_point : 0;
    const int slides = rows_whole(&window);
    for (int32_t y = region->y0; y < region->y1; y++) {
        int8_t *to = NULL;
        int slid = 0; /* whether this position can be had from the one before */
        for (int32_t x = region->x0, count = 0; x < x1; x++, count--, to += p->in_c) {
            const stj_axis width = columns(p);
            if (count == 0) {
                count = x1 - x;
                to = goes_to(&window, y, x, &count);
            }
            if (slid && stj_inside(&width, x)) {
                for (tap_row *row = window.row, *end = row + window.rows; row < end; row++) {
                    row->x += p->stride_w * p->in_c;
                }
            } else {
                place(&window, y, x);
                slid = slides && stj_inside(&width, x);
            }
            compute_position(&window, to);
        }
    }
}

void stj_depthwise_conv_2d_phases_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                                     int32_t y0, int32_t y1) {
    const stj_region rows = {y0, y1, 0, STJ_WHOLE_ROWS};
    compute(params, in, out, &rows);
}

void stj_depthwise_conv_2d_phases_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                          const stj_pixels_out *out, const stj_region *region) {
    compute(params, in, out, region);
}
