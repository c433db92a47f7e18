/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of CONV_2D in plain C, for weights as they are stored: who includes it says what a weight is.
 *
 *   BYTES         of the weights of LANES channels for one input
 *   WEIGHT(w, k)  that of channel k of them, from where they begin
 *
 * Two output positions side by side are computed at once where all taps of both windows are on the image: eight sums
 * stay in registers, an input is loaded once for four products, a weight for two. Inputs are taken as stored there;
 * what their zero point adds to a sum is in `whole_bias`. All other positions are computed one by one: their sums begin
 * with `bias`, and only the taps on the image count.
 *
 * The exporter lays weights out as these loops read them (stj_conv_2d_s8.h). Sums of up to CHUNK channels are made
 * before they are rescaled together, so that neither loop is short. Functions that are not inlined keep what each of
 * them needs off the stack of the others. */
#ifndef STJ_CONV_2D_LOOPS_H
#define STJ_CONV_2D_LOOPS_H

#include <stddef.h>

#include "stj_conv_2d_s8.h"
#include "stj_rescale.h"
#include "stj_walk.h"

enum { LANES = STJ_CONV_2D_LANES, CHUNK = 2 * LANES };

/* A region while it is computed, and the window of one position, or of two side by side. */
typedef struct {
    const stj_conv_2d_params *p;
    const void *in, *out; /* views of rows or of pixels (stj_walk.h) */
    int8_t *to;           /* where the position goes */
    int32_t left;         /* positions from this one on that are adjacent in memory */
    int8_t of_rows, two;  /* the latter: whether it is two positions */
    int8_t slides, slid;  /* whether the next two of a row can be had from two before; whether these may */
    int32_t depth;        /* input channels of a group */
    int32_t block;        /* bytes of the weights of a block of channels */
    int32_t beyond;       /* of the rows of taps on the image, how many lie beyond the end of the ring */
    int32_t length;       /* inputs of each, where they are one vector; else 0 */
    stj_taps taps;
} window;

/* What is taken off the inputs of positions one by one. */
static inline int32_t taken_off(const stj_conv_2d_params *p) { return p->bias != NULL ? p->in_zero_point : 0; }

/* Their sums begin with these. */
static inline const int32_t *bias_of(const stj_conv_2d_params *p) { return p->bias != NULL ? p->bias : p->whole_bias; }

/* The weights of the block of `lane`, from the first tap on the image on. */
static inline const int8_t *first_weights(const window *window, int32_t lane) {
    const int32_t taps = window->taps.first_y * window->p->kernel_w + window->taps.first_x;
    return window->p->weights + lane / LANES * window->block + taps * window->depth * BYTES;
}

/* Sums of `count` channels, whole blocks from `lane` on: of the first position to sums, of the second to
 * sums + CHUNK. All taps are on the image, each row of them in one piece, and there are no groups. */
static STJ_NOINLINE void sum_pair(const window *window, int32_t lane, int32_t count, int32_t *sums) {
    const int8_t *w = window->p->weights + lane / LANES * window->block;
    const int32_t *bias = window->p->whole_bias + lane;
    for (const int32_t *end = sums + count; sums < end; sums += LANES, bias += LANES) {
        uint32_t a0 = (uint32_t)bias[0], a1 = (uint32_t)bias[1], a2 = (uint32_t)bias[2], a3 = (uint32_t)bias[3];
        uint32_t b0 = a0, b1 = a1, b2 = a2, b3 = a3; /* modulo 2^32: only whole sums need to fit */
        const int8_t *from = window->taps.data + window->taps.offset;
        for (int32_t rows = window->p->kernel_h;;) {
            const int8_t *x = from, *y = x + window->p->stride_w * window->depth, *row_end = x + window->length;
            do {
                const int32_t a = *x++, b = *y++;
                a0 += (uint32_t)(a * WEIGHT(w, 0)), b0 += (uint32_t)(b * WEIGHT(w, 0));
                a1 += (uint32_t)(a * WEIGHT(w, 1)), b1 += (uint32_t)(b * WEIGHT(w, 1));
                a2 += (uint32_t)(a * WEIGHT(w, 2)), b2 += (uint32_t)(b * WEIGHT(w, 2));
                a3 += (uint32_t)(a * WEIGHT(w, 3)), b3 += (uint32_t)(b * WEIGHT(w, 3));
                w += BYTES;
            } while (x != row_end);
            STJ_READ_AGAIN();
            if (--rows == 0) {
                break;
            }
            from += stj_way_down(&window->taps, rows, window->beyond);
        }
        sums[0] = (int32_t)a0, sums[1] = (int32_t)a1, sums[2] = (int32_t)a2, sums[3] = (int32_t)a3;
        int32_t *others = sums + CHUNK;
        others[0] = (int32_t)b0, others[1] = (int32_t)b1, others[2] = (int32_t)b2, others[3] = (int32_t)b3;
    }
}

/* The same for one position whose taps, as many as are on the image, are a vector for each row of them. */
static STJ_NOINLINE void sum_one(const window *window, int32_t lane, int32_t count, int32_t *sums) {
    const int32_t zero_point = taken_off(window->p);
    const int32_t *bias = bias_of(window->p) + lane;
    const int8_t *weights = first_weights(window, lane);
    for (const int32_t *end = sums + count; sums < end; sums += LANES, bias += LANES, weights += window->block) {
        uint32_t s0 = (uint32_t)bias[0], s1 = (uint32_t)bias[1], s2 = (uint32_t)bias[2], s3 = (uint32_t)bias[3];
        const int8_t *from = window->taps.data + window->taps.offset, *w = weights;
        for (int32_t rows = stj_rows_of_taps(&window->taps);;) {
            const int8_t *x = from, *row_end = x + window->length;
            do {
                const int32_t value = *x++ - zero_point;
                s0 += (uint32_t)(value * WEIGHT(w, 0));
                s1 += (uint32_t)(value * WEIGHT(w, 1));
                s2 += (uint32_t)(value * WEIGHT(w, 2));
                s3 += (uint32_t)(value * WEIGHT(w, 3));
                w += BYTES;
            } while (x != row_end);
            STJ_READ_AGAIN();
            if (--rows == 0) {
                break;
            }
            w += (window->p->kernel_w - window->taps.count) * window->depth * BYTES;
            from += stj_way_down(&window->taps, rows, window->beyond);
        }
        sums[0] = (int32_t)s0, sums[1] = (int32_t)s1, sums[2] = (int32_t)s2, sums[3] = (int32_t)s3;
    }
}

/* The sums of one block of channels, tap by tap, for any window; `channel` is the first one of its inputs. */
static STJ_NOINLINE void sum_any(const window *window, int32_t lane, int32_t channel, int32_t *sums) {
    const int8_t *w = first_weights(window, lane);
    const int32_t *bias = bias_of(window->p) + lane;
    uint32_t s0 = (uint32_t)bias[0], s1 = (uint32_t)bias[1], s2 = (uint32_t)bias[2], s3 = (uint32_t)bias[3];
    int32_t offset = window->taps.offset;
    for (int32_t rows = stj_rows_of_taps(&window->taps); rows > 0; rows--) {
        const int8_t *tap = window->taps.data + offset + channel;
        int32_t room = stj_room(&window->taps, offset);
        for (int32_t left = window->taps.count; left > 0; left--) {
            const int32_t zero_point = taken_off(window->p);
            const int8_t *w_end = w + window->depth * BYTES;
            for (const int8_t *x = tap; w < w_end; w += BYTES) {
                const int32_t value = *x++ - zero_point;
                s0 += (uint32_t)(value * WEIGHT(w, 0));
                s1 += (uint32_t)(value * WEIGHT(w, 1));
                s2 += (uint32_t)(value * WEIGHT(w, 2));
                s3 += (uint32_t)(value * WEIGHT(w, 3));
            }
            STJ_READ_AGAIN();
            tap += left > 1 ? stj_right(&window->taps, &room) : 0;
        }
        w += (window->p->kernel_w - window->taps.count) * window->depth * BYTES;
        offset = stj_below(&window->taps, offset);
    }
    sums[0] = (int32_t)s0, sums[1] = (int32_t)s1, sums[2] = (int32_t)s2, sums[3] = (int32_t)s3;
}

/* Writes the outputs of channels [channel, channel + count) from their sums. What rescales them is read of the
 * parameters here, so that it is on no other frame. */
static STJ_NOINLINE int32_t store_usual(const stj_conv_2d_params *p, int32_t channel, int32_t count,
                                        const int32_t *sums, int8_t *out) {
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    return stj_usual_outputs(&rescale, channel, count, sums, out);
}

static STJ_NOINLINE void store_others(const stj_conv_2d_params *p, int32_t channel, int32_t count, const int32_t *sums,
                                      int8_t *out) {
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    stj_other_outputs(&rescale, channel, count, sums, out);
}

static inline void store(const stj_conv_2d_params *p, int32_t channel, int32_t count, const int32_t *sums,
                         int8_t *out) {
    if (store_usual(p, channel, count, sums, out) < 0) {
        store_others(p, channel, count, sums, out); /* one after the other: neither frame is on the other */
    }
}

static STJ_NOINLINE void compute_pair(const window *window) {
    const stj_conv_2d_params *p = window->p;
    int32_t sums[2 * CHUNK];
    for (int32_t c = 0; c < p->out_c; c += CHUNK) {
        const int32_t count = p->out_c - c < CHUNK ? p->out_c - c : CHUNK;
        sum_pair(window, c, count, sums);
        store(p, c, count, sums, window->to + c);
        store(p, c, count, sums + CHUNK, window->to + p->out_c + c);
    }
}

static STJ_NOINLINE void compute_one(const window *window) {
    const stj_conv_2d_params *p = window->p;
    const int32_t out_depth = p->out_c / p->groups;
    int8_t *out = window->to;
    int32_t sums[CHUNK];
    int32_t lane = 0;
    for (int32_t channel = 0; channel < p->in_c; channel += window->depth) {
        for (int32_t c = 0; c < out_depth; c += CHUNK) {
            const int32_t count = out_depth - c < CHUNK ? out_depth - c : CHUNK;
            if (window->length > 0) {
                sum_one(window, lane, count, sums);
            }
            for (int32_t k = window->length > 0 ? count : 0; k < count; k += LANES) {
                sum_any(window, lane + k, channel, sums + k);
            }
            store(p, lane, count, sums, out + c);
            lane += (count + LANES - 1) / LANES * LANES;
        }
        out += out_depth;
    }
}

/* Takes the window to row `y` of those of all images. */
static STJ_NOINLINE void begin(window *window, int32_t y) {
    const stj_conv_2d_params *p = window->p;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_pixels_in pixels = stj_seen_in(window->in, window->of_rows, p->in_w, p->in_c);
    const int32_t image = y / p->out_h;
    window->left = 0;
    window->slid = 0;
    window->depth = p->in_c / p->groups;
    window->block = p->kernel_h * p->kernel_w * window->depth * BYTES;
    window->slides = (int8_t)stj_rows_whole(&pixels, p->in_w);
    stj_taps_of_row(&window->taps, &pixels, &height, p->dilation_w, image * p->in_h, y - image * p->out_h);
}

/* Where output positions from (y, x) on go, of which `room` are left in the region. */
static STJ_NOINLINE void goes_to(window *window, int32_t y, int32_t x, int32_t room) {
    const stj_conv_2d_params *p = window->p;
    const stj_pixels_out pixels = stj_seen_out(window->out, window->of_rows, p->out_w, p->out_c);
    window->left = room;
    window->to = (int8_t *)stj_write_pixels(&pixels, y, x, &window->left);
}

/* Takes the window to column `x`: two positions where that can be, else one. */
static STJ_NOINLINE void place(window *window, int32_t x) {
    const stj_conv_2d_params *p = window->p;
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    const int adjacent = p->groups * p->dilation_w == 1; /* taps side by side are one vector, else each is one */
    const int two = window->left > 1 && adjacent && stj_inside(&width, x + 1);
    stj_taps *taps = &window->taps;
    if (window->slid && two) {
        taps->offset += 2 * p->stride_w * p->in_c;
        return;
    }
    const stj_pixels_in pixels = stj_seen_in(window->in, window->of_rows, p->in_w, p->in_c);
    stj_taps_in_row(taps, &pixels, &width, x);
    const int32_t rows = stj_rows_of_taps(taps);
    /* Not a vector where no row of taps is on the image: sums are then begun and end. */
    const int vector = adjacent && rows > 0 && stj_straight(taps, taps->count);
    window->beyond = stj_rows_beyond(taps);
    window->length = vector ? taps->count * p->in_c : 0;
    window->two =
        (int8_t)(two && rows == p->kernel_h && stj_inside(&width, x) && stj_straight(taps, p->kernel_w + p->stride_w));
    window->slid = (int8_t)(window->two && window->slides);
}

static STJ_NOINLINE void compute(window *window, const stj_region *region) {
    const int32_t x1 = window->of_rows ? window->p->out_w : region->x1;
    for (int32_t y = region->y0; y < region->y1; y++) {
        begin(window, y);
        for (int32_t x = region->x0, step; x < x1; x += step) {
            if (window->left == 0) {
                goes_to(window, y, x, x1 - x);
            }
            place(window, x);
            if (window->two) {
                compute_pair(window);
            } else {
                compute_one(window);
            }
            step = 1 + window->two;
            window->to += step * window->p->out_c;
            window->left -= step;
        }
    }
}

/* Views are of rows or of pixels, as the region says. */
static inline void compute_region(const stj_conv_2d_params *p, const void *in, const void *out,
                                  const stj_region *region) {
    window window;
    window.p = p;
    window.in = in;
    window.out = out;
    window.of_rows = (int8_t)stj_of_rows(region);
    compute(&window, region);
}

#endif
