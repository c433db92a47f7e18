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
    uint8_t which; /* ROWS times the phase, and the row of those of the weights */
    int8_t head;   /* taps before it goes around the end of the ring */
} tap_row;

/* A region while it is computed, and the window of one position. */
typedef struct {
    const stj_depthwise_conv_2d_params *p;
    const void *in, *out;   /* views of rows or of pixels (stj_walk.h), of `in` one for each phase */
    int8_t *to;             /* where the position goes */
    int32_t left;           /* positions from this one on that are adjacent in memory */
    int16_t first_x, count; /* of the taps of each row, the first one on the image, and how many are */
    int8_t of_rows, rows;
    int8_t whole, straight; /* whether all taps are on the image and each row is in one piece; the latter alone */
    int8_t slides, slid; /* whether the next position of a row can be had from the one before; whether this one may */
    tap_row row[ROWS];
    const int8_t *x[ROWS]; /* the first tap's pixel of each */
} window;

/* Where a phase is read from. */
static inline stj_pixels_in operand(const window *window, int32_t phase) {
    const void *in = window->of_rows ? (const void *)((const stj_in *)window->in + phase)
                                     : (const void *)((const stj_pixels_in *)window->in + phase);
    return stj_seen_in(in, window->of_rows, window->p->in_w, window->p->in_c);
}

/* Notes the rows of taps of output position (y, x) that are on the image. */
static STJ_NOINLINE void note_rows(window *window, int32_t y, int32_t x) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    int32_t noted = 0, first_row = 0; /* of taps, in the order of the weights */
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
        for (int32_t i = 0; i < stj_rows_of_taps(&taps); i++, noted++) {
            tap_row *row = &window->row[noted];
            window->x[noted] = taps.data + offset;
            row->which = (uint8_t)(ROWS * phase + first_row + taps.first_y + i);
            row->head = (int8_t)stj_head(&taps, offset);
            straight &= row->head == taps.count;
            offset = stj_below(&taps, offset);
        }
        first_row += taps_of_phase;
        window->first_x = (int16_t)taps.first_x;
        window->count = (int16_t)taps.count;
    }
    window->rows = (int8_t)noted;
    window->straight = (int8_t)straight;
    window->whole = (int8_t)(straight && noted == p->kernel_h && window->count == p->kernel_w);
}

/* Takes the window to another row of the output; notes whether the rows of all phases lie in memory as they are. */
static STJ_NOINLINE void begin(window *window) {
    window->left = 0;
    window->slid = 0;
    window->slides = 1;
    for (int32_t phase = 0; phase < window->p->stride_h; phase++) {
        const stj_pixels_in pixels = operand(window, phase);
        window->slides &= (int8_t)stj_rows_whole(&pixels, window->p->in_w);
    }
}

/* Takes the window to output position (y, x). */
static STJ_NOINLINE void place(window *window, int32_t y, int32_t x) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    const int inside = stj_inside(&width, x);
    if (window->slid && inside) {
        for (int32_t i = 0; i < window->rows; i++) {
            window->x[i] += p->stride_w * p->in_c;
        }
        return;
    }
    note_rows(window, y, x);
    window->slid = (int8_t)(window->slides && inside);
}

/* Sums of `count` channels (>= LANES) from `channel` on, of a window of which all taps are on the image, each row
 * of them in one piece. */
static STJ_NOINLINE void sum_whole(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const int32_t step = window->p->in_c, right = window->p->dilation_w * step, columns = window->p->kernel_w;
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        const int8_t *w = window->p->weights + channel;
        four sum = begin_four(window->p->whole_bias + channel);
        for (int32_t row = 0; row < window->rows; row++) {
            w = add_taps(&sum, window->x[row] + channel, w, columns, right, step, 0);
            STJ_READ_AGAIN();
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

/* The weights of the first tap of a row of taps that is on the image. */
static inline const int8_t *weights_of(const window *window, int32_t row) {
    const int32_t tap = window->row[row].which % ROWS * window->p->kernel_w + window->first_x;
    return window->p->weights + tap * window->p->in_c;
}

/* The same where some taps are outside. */
static STJ_NOINLINE void sum_clipped(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const int32_t step = window->p->in_c, right = window->p->dilation_w * step, columns = window->count;
    const int32_t zero_point = taken_off(window->p);
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        four sum = begin_four(bias_of(window->p) + channel);
        for (int32_t row = 0; row < window->rows; row++) {
            const int8_t *w = weights_of(window, row) + channel;
            add_taps(&sum, window->x[row] + channel, w, columns, right, step, zero_point);
            STJ_READ_AGAIN();
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

/* How far back from the end of a row in memory to its start. Rows that are broken are those of pixels. */
static inline int32_t turn_of(const window *window, int32_t phase) {
    const stj_pixels_in *in = (const stj_pixels_in *)window->in + phase;
    return (in->rows > 0 ? in->columns : in->pixels) * in->pixel_bytes;
}

/* The same for any window: rows of taps in up to two pieces. */
static STJ_NOINLINE void sum_broken(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    const int32_t step = window->p->in_c, right = window->p->dilation_w * step, zero_point = taken_off(window->p);
    for (int32_t next; count > 0; count -= LANES, channel += next, sums += next) {
        four sum = begin_four(bias_of(window->p) + channel);
        for (int32_t row = 0; row < window->rows; row++) {
            for (int32_t done = 0; done < window->count;) {
                const int8_t *x = window->x[row] + done * right, *w = weights_of(window, row) + done * step;
                int32_t taps = window->row[row].head;
                if (done > 0) {
                    x -= turn_of(window, window->row[row].which / ROWS);
                    taps = window->count - done;
                }
                done += taps;
                add_taps(&sum, x + channel, w + channel, taps, right, step, zero_point);
                STJ_READ_AGAIN();
            }
        }
        end_four(&sum, sums);
        next = next_four(count - LANES);
    }
}

static STJ_NOINLINE void compute_position(const window *window) {
    int32_t sums[CHUNK];
    for (int32_t done = 0; done < window->p->in_c; done += CHUNK) {
        int32_t c = done, count = window->p->in_c - done < CHUNK ? window->p->in_c - done : CHUNK;
        if (count < LANES) {
            c = window->p->in_c - LANES;
            count = LANES;
        }
        if (window->whole) {
            sum_whole(window, c, count, sums);
        } else if (window->straight) {
            sum_clipped(window, c, count, sums);
        } else {
            sum_broken(window, c, count, sums);
        }
        store(window->p, c, count, sums, window->to + c);
    }
}

/* Where output positions from (y, x) on go, of which `room` are left in the region. */
static STJ_NOINLINE void goes_to(window *window, int32_t y, int32_t x, int32_t room) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_pixels_out pixels = stj_seen_out(window->out, window->of_rows, p->out_w, p->in_c);
    window->left = room;
    window->to = (int8_t *)stj_write_pixels(&pixels, y, x, &window->left);
}

static STJ_NOINLINE void compute(window *window, const stj_region *region) {
    const int32_t x1 = window->of_rows ? window->p->out_w : region->x1;
    for (int32_t y = region->y0; y < region->y1; y++) {
        begin(window);
        for (int32_t x = region->x0; x < x1; x++) {
            if (window->left == 0) {
                goes_to(window, y, x, x1 - x);
            }
            place(window, y, x);
            compute_position(window);
            window->to += window->p->in_c;
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

void stj_depthwise_conv_2d_phases_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                                     int32_t y0, int32_t y1) {
    const stj_region rows = {y0, y1, 0, STJ_WHOLE_ROWS};
    compute_region(params, in, out, &rows);
}

void stj_depthwise_conv_2d_phases_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                          const stj_pixels_out *out, const stj_region *region) {
    compute_region(params, in, out, region);
}
