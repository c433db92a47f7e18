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

/* The window of one position, or of two, the second one `apart` bytes from the first. */
typedef struct {
    const stj_conv_2d_params *p;
    const void *in, *out; /* views of rows or of pixels (stj_walk.h) */
    int of_rows;
    const int32_t *bias; /* of positions one by one, and what is taken off their inputs */
    int32_t zero_point;
    int32_t depth; /* input channels of a group */
    int32_t block; /* bytes of the weights of a block of channels */
    int32_t apart;
    int slides;              /* whether the next position can be had from the one before */
    int32_t rows, beyond;    /* of taps on the image, and of those how many lie beyond the end of the ring */
    int32_t length;          /* inputs of each, where they are one vector; else 0 */
    int32_t skipped, unread; /* bytes of weights before the first tap on the image, and after those of a row of taps */
    stj_taps taps;
} window;

/* Sums of `count` channels, whole blocks from `lane` on: of the first position to sums, of the second to
 * sums + CHUNK. All taps are on the image, each row of them in one piece, and there are no groups. */
static STJ_NOINLINE void sum_pair(const window *window, int32_t lane, int32_t count, int32_t *sums) {
    const int8_t *w = window->p->weights + lane / LANES * window->block;
    const int32_t *bias = window->p->whole_bias + lane;
    for (const int32_t *end = sums + count; sums < end; sums += LANES, bias += LANES) {
        uint32_t a0 = (uint32_t)bias[0], a1 = (uint32_t)bias[1], a2 = (uint32_t)bias[2], a3 = (uint32_t)bias[3];
        uint32_t b0 = a0, b1 = a1, b2 = a2, b3 = a3; /* modulo 2^32: only whole sums need to fit */
        const int8_t *from = window->taps.data + window->taps.offset;
        for (int32_t rows = window->rows;;) {
            const int8_t *x = from, *y = x + window->apart, *row_end = x + window->length;
            do {
                const int32_t a = *x++, b = *y++;
                a0 += (uint32_t)(a * WEIGHT(w, 0)), b0 += (uint32_t)(b * WEIGHT(w, 0));
                a1 += (uint32_t)(a * WEIGHT(w, 1)), b1 += (uint32_t)(b * WEIGHT(w, 1));
                a2 += (uint32_t)(a * WEIGHT(w, 2)), b2 += (uint32_t)(b * WEIGHT(w, 2));
                a3 += (uint32_t)(a * WEIGHT(w, 3)), b3 += (uint32_t)(b * WEIGHT(w, 3));
                w += BYTES;
            } while (x != row_end);
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
    const int32_t zero_point = window->zero_point;
    const int8_t *weights = window->p->weights + lane / LANES * window->block + window->skipped;
    const int32_t *bias = window->bias + lane;
    for (const int32_t *end = sums + count; sums < end; sums += LANES, bias += LANES, weights += window->block) {
        uint32_t s0 = (uint32_t)bias[0], s1 = (uint32_t)bias[1], s2 = (uint32_t)bias[2], s3 = (uint32_t)bias[3];
        const int8_t *from = window->taps.data + window->taps.offset, *w = weights;
        for (int32_t rows = window->rows;;) {
            const int8_t *x = from, *row_end = x + window->length;
            do {
                const int32_t value = *x++ - zero_point;
                s0 += (uint32_t)(value * WEIGHT(w, 0));
                s1 += (uint32_t)(value * WEIGHT(w, 1));
                s2 += (uint32_t)(value * WEIGHT(w, 2));
                s3 += (uint32_t)(value * WEIGHT(w, 3));
                w += BYTES;
            } while (x != row_end);
            if (--rows == 0) {
                break;
            }
            w += window->unread;
            from += stj_way_down(&window->taps, rows, window->beyond);
        }
        sums[0] = (int32_t)s0, sums[1] = (int32_t)s1, sums[2] = (int32_t)s2, sums[3] = (int32_t)s3;
    }
}

/* The sums of one block of channels, tap by tap, for any window; `channel` is the first one of its inputs. */
static STJ_NOINLINE void sum_any(const window *window, int32_t lane, int32_t channel, int32_t *sums) {
    const stj_taps *taps = &window->taps;
    const int8_t *w = window->p->weights + lane / LANES * window->block + window->skipped;
    const int32_t *bias = window->bias + lane;
    uint32_t s0 = (uint32_t)bias[0], s1 = (uint32_t)bias[1], s2 = (uint32_t)bias[2], s3 = (uint32_t)bias[3];
    int32_t offset = taps->offset;
    for (int32_t rows = window->rows; rows > 0; rows--) {
        const int8_t *tap = taps->data + offset + channel;
        int32_t room = stj_room(taps, offset);
        for (int32_t left = taps->count; left > 0; left--) {
            for (int32_t d = 0; d < window->depth; d++) {
                const int32_t value = tap[d] - window->zero_point;
                s0 += (uint32_t)(value * WEIGHT(w, 0));
                s1 += (uint32_t)(value * WEIGHT(w, 1));
                s2 += (uint32_t)(value * WEIGHT(w, 2));
                s3 += (uint32_t)(value * WEIGHT(w, 3));
                w += BYTES;
            }
            tap += left > 1 ? stj_right(taps, &room) : 0;
        }
        w += window->unread;
        offset = stj_below(taps, offset);
    }
    sums[0] = (int32_t)s0, sums[1] = (int32_t)s1, sums[2] = (int32_t)s2, sums[3] = (int32_t)s3;
}

static STJ_NOINLINE void compute_pair(const window *window, int8_t *out) {
    const stj_conv_2d_params *p = window->p;
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    int32_t sums[2 * CHUNK];
    for (int32_t c = 0; c < p->out_c; c += CHUNK) {
        const int32_t count = p->out_c - c < CHUNK ? p->out_c - c : CHUNK;
        sum_pair(window, c, count, sums);
        stj_store(&rescale, c, count, sums, out + c);
        stj_store(&rescale, c, count, sums + CHUNK, out + p->out_c + c);
    }
}

static STJ_NOINLINE void compute_one(const window *window, int8_t *out) {
    const stj_conv_2d_params *p = window->p;
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    const int32_t out_depth = p->out_c / p->groups;
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
            stj_store(&rescale, lane, count, sums, out + c);
            lane += (count + LANES - 1) / LANES * LANES;
        }
        out += out_depth;
    }
}

/* All but what a position needs, for row `y` of those of all images. */
static STJ_NOINLINE void begin(window *window, int32_t y) {
    const stj_conv_2d_params *p = window->p;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_pixels_in pixels = stj_seen_in(window->in, window->of_rows, p->in_w, p->in_c);
    const int32_t image = y / p->out_h;
    window->bias = p->bias != NULL ? p->bias : p->whole_bias;
    window->zero_point = p->bias != NULL ? p->in_zero_point : 0;
    window->depth = p->in_c / p->groups;
    window->block = p->kernel_h * p->kernel_w * window->depth * BYTES;
    window->apart = p->stride_w * p->in_c;
    window->slides = stj_rows_whole(&pixels, p->in_w);
    stj_taps_of_row(&window->taps, &pixels, &height, p->dilation_w, image * p->in_h, y - image * p->out_h);
}

static inline stj_axis columns(const stj_conv_2d_params *p) {
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    return width;
}

/* Takes the window to column `x`; whether it is that of two positions, of which `two` says that they are asked for. */
static STJ_NOINLINE int place(window *window, int32_t x, int two) {
    const stj_conv_2d_params *p = window->p;
    const stj_pixels_in pixels = stj_seen_in(window->in, window->of_rows, p->in_w, p->in_c);
    const stj_axis width = columns(p);
    const stj_taps *taps = &window->taps;
    const int adjacent = p->groups * p->dilation_w == 1; /* taps side by side are one vector, else each is one */
    stj_taps_in_row(&window->taps, &pixels, &width, x);
    window->rows = stj_rows_of_taps(taps);
    window->beyond = stj_rows_beyond(taps);
    /* Not a vector where no row of taps is on the image: sums are then begun and end. */
    const int vector = adjacent && window->rows > 0 && stj_straight(taps, taps->count);
    window->length = vector ? taps->count * window->depth : 0;
    window->skipped = (taps->first_y * p->kernel_w + taps->first_x) * window->depth * BYTES;
    window->unread = (p->kernel_w - taps->count) * window->depth * BYTES;
    return two && adjacent && window->rows == p->kernel_h && stj_inside(&width, x) && stj_inside(&width, x + 1) &&
           stj_straight(&window->taps, p->kernel_w + p->stride_w);
}

/* Where output position (y, x) goes; lowers *count to the positions that follow it in memory. */
static STJ_NOINLINE int8_t *goes_to(const window *window, int32_t y, int32_t x, int32_t *count) {
    const stj_pixels_out pixels = stj_seen_out(window->out, window->of_rows, window->p->out_w, window->p->out_c);
    return (int8_t *)stj_write_pixels(&pixels, y, x, count);
}

/* Views are of rows or of pixels, as the region says (stj_walk.h). */
static STJ_NOINLINE void compute(const stj_conv_2d_params *p, const void *in, const void *out,
                                 const stj_region *region) {
    const int32_t x1 = stj_of_rows(region) ? p->out_w : region->x1;
    window window;
    window.p = p;
    window.in = in;
    window.out = out;
    window.of_rows = stj_of_rows(region);
    for (int32_t y = region->y0; y < region->y1; y++) {
        int8_t *to = NULL;
        int slid = 0; /* whether the position before is the second of a pair, from which the next one can be had */
        begin(&window, y);
        for (int32_t x = region->x0, count = 0, step; x < x1; x += step, count -= step, to += step * p->out_c) {
            const stj_axis width = columns(p);
            if (count == 0) {
                count = x1 - x;
                to = goes_to(&window, y, x, &count);
            }
            int two = count > 1;
            if (slid && two && stj_inside(&width, x + 1)) {
                window.taps.offset += 2 * window.apart;
            } else {
                two = place(&window, x, two);
                slid = two && window.slides;
            }
            if (two) {
                compute_pair(&window, to);
            } else {
                compute_one(&window, to);
            }
            step = 1 + two;
        }
    }
}

#endif
