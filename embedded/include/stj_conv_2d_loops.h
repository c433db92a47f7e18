/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of CONV_2D in plain C, for weights as they are stored: who includes it says what a weight is.
 *
 *   BYTES         of the weights of LANES channels for one input
 *   WEIGHT(w, k)  that of channel k of them, from where they begin
 *
 * Two output positions side by side are computed at once where all taps of both windows are on the image: eight sums
 * stay in registers, an input is loaded once for four products, a weight for two. Inputs are taken as stored there;
 * what their zero point adds to a sum is in `whole_bias`. All other positions are computed one by one: their sums begin
 * with `bias`, and only the taps on the image count. Windows too tall to be cut into pieces are computed output by
 * output.
 *
 * The exporter lays weights out as these loops read them (stj_conv_2d_s8.h). Sums of up to CHUNK channels are made
 * before they are rescaled together, so that neither loop is short. */
#ifndef STJ_CONV_2D_LOOPS_H
#define STJ_CONV_2D_LOOPS_H

#include <stddef.h>

#include "stj_conv_2d_s8.h"
#include "stj_cut.h"
#include "stj_rescale.h"

enum { LANES = STJ_CONV_2D_LANES, CHUNK = 2 * LANES };

/* The window of one position, or of two, the second one `apart` bytes from the first. */
typedef struct {
    const stj_conv_2d_params *p;
    const int32_t *bias; /* of positions one by one, and what is taken off their inputs */
    int32_t zero_point;
    int32_t depth; /* input channels of a group */
    int32_t block; /* bytes of the weights of a block of channels */
    int32_t apart;
    stj_taps taps;
    stj_pieces pieces;
} window;

/* Sums of `count` channels, whole blocks from `lane` on: of the first position to sums, of the second to
 * sums + CHUNK. All taps are on the image, each row of them in one piece, and there are no groups. */
static STJ_NOINLINE void sum_pair(const window *window, int32_t lane, int32_t count, int32_t *sums) {
    const int8_t *w = window->p->weights + lane / LANES * window->block;
    const int32_t *bias = window->p->whole_bias + lane;
    const int32_t length = window->p->kernel_w * window->depth;
    for (const int32_t *end = sums + count; sums < end; sums += LANES, bias += LANES) {
        uint32_t a0 = (uint32_t)bias[0], a1 = (uint32_t)bias[1], a2 = (uint32_t)bias[2], a3 = (uint32_t)bias[3];
        uint32_t b0 = a0, b1 = a1, b2 = a2, b3 = a3; /* modulo 2^32: only whole sums need to fit */
        const stj_piece *piece = window->pieces.piece;
        do {
            const int8_t *x = piece->x, *y = x + window->apart, *row_end = x + length;
            do {
                const int32_t a = *x++, b = *y++;
                a0 += (uint32_t)(a * WEIGHT(w, 0)), b0 += (uint32_t)(b * WEIGHT(w, 0));
                a1 += (uint32_t)(a * WEIGHT(w, 1)), b1 += (uint32_t)(b * WEIGHT(w, 1));
                a2 += (uint32_t)(a * WEIGHT(w, 2)), b2 += (uint32_t)(b * WEIGHT(w, 2));
                a3 += (uint32_t)(a * WEIGHT(w, 3)), b3 += (uint32_t)(b * WEIGHT(w, 3));
                w += BYTES;
            } while (x != row_end);
        } while (++piece != window->pieces.end);
        sums[0] = (int32_t)a0, sums[1] = (int32_t)a1, sums[2] = (int32_t)a2, sums[3] = (int32_t)a3;
        int32_t *others = sums + CHUNK;
        others[0] = (int32_t)b0, others[1] = (int32_t)b1, others[2] = (int32_t)b2, others[3] = (int32_t)b3;
    }
}

/* The same for one position and any window; `channel` is the first one of its inputs. */
static STJ_NOINLINE void sum_one(const window *window, int32_t lane, int32_t channel, int32_t count, int32_t *sums) {
    const stj_conv_2d_params *p = window->p;
    const int8_t *weights = p->weights + lane / LANES * window->block;
    const int32_t *bias = window->bias + lane;
    const int32_t depth = window->depth, zero_point = window->zero_point;
    const int adjacent = p->groups * p->dilation_w == 1; /* taps side by side are one vector, else each is one */
    for (const int32_t *end = sums + count; sums < end; sums += LANES, bias += LANES) {
        uint32_t s0 = (uint32_t)bias[0], s1 = (uint32_t)bias[1], s2 = (uint32_t)bias[2], s3 = (uint32_t)bias[3];
        for (const stj_piece *piece = window->pieces.piece; piece != window->pieces.end; piece++) {
            const int8_t *from = piece->x + channel, *w = weights + piece->tap * depth * BYTES;
            const int32_t length = adjacent ? piece->taps * depth : depth;
            for (int32_t vectors = adjacent ? 1 : piece->taps; vectors > 0; vectors--) {
                const int8_t *x = from, *vector_end = x + length;
                do {
                    const int32_t value = *x++ - zero_point;
                    s0 += (uint32_t)(value * WEIGHT(w, 0));
                    s1 += (uint32_t)(value * WEIGHT(w, 1));
                    s2 += (uint32_t)(value * WEIGHT(w, 2));
                    s3 += (uint32_t)(value * WEIGHT(w, 3));
                    w += BYTES;
                } while (x != vector_end);
                from += window->taps.right;
            }
        }
        sums[0] = (int32_t)s0, sums[1] = (int32_t)s1, sums[2] = (int32_t)s2, sums[3] = (int32_t)s3;
        weights += window->block;
    }
}

/* The sum of one output of a tall window, tap by tap. */
static STJ_NOINLINE int32_t sum_tall(const window *window, int32_t lane, int32_t channel) {
    const stj_conv_2d_params *p = window->p;
    const stj_taps *taps = &window->taps;
    const int8_t *weights = p->weights + lane / LANES * window->block;
    uint32_t sum = (uint32_t)window->bias[lane];
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset + channel;
        const int8_t *w = weights + (ky * p->kernel_w + taps->first_x) * window->depth * BYTES;
        int32_t room = stj_room(taps, offset);
        for (int32_t kx = 0; kx < taps->count; kx++) {
            for (int32_t d = 0; d < window->depth; d++, w += BYTES) {
                sum += (uint32_t)((x[d] - window->zero_point) * WEIGHT(w, lane % LANES));
            }
            x += stj_right(taps, &room);
        }
        offset = stj_below(taps, offset);
    }
    return (int32_t)sum;
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

static STJ_NOINLINE void compute_one(const window *window, int tall, int8_t *out) {
    const stj_conv_2d_params *p = window->p;
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    const int32_t out_depth = p->out_c / p->groups;
    int32_t sums[CHUNK];
    int32_t lane = 0;
    for (int32_t channel = 0; channel < p->in_c; channel += window->depth) {
        for (int32_t c = 0; c < out_depth; c += CHUNK) {
            const int32_t count = out_depth - c < CHUNK ? out_depth - c : CHUNK;
            for (int32_t k = 0; tall && k < count; k++) {
                sums[k] = sum_tall(window, lane + k, channel);
            }
            if (!tall) {
                sum_one(window, lane, channel, count, sums);
            }
            stj_store(&rescale, lane, count, sums, out + c);
            lane += (count + LANES - 1) / LANES * LANES;
        }
        out += out_depth;
    }
}

/* Cuts two windows with all taps on the image; whether each row of taps of both is one piece. */
static int cut_pair(window *window) {
    const stj_conv_2d_params *p = window->p;
    window->taps.count += p->stride_w;
    stj_cut(&window->pieces, &window->taps, p->kernel_w);
    window->taps.count -= p->stride_w;
    return window->pieces.end - window->pieces.piece == p->kernel_h;
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_conv_2d_params *p = params;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    const int rows_whole = stj_rows_whole(in, p->in_w);
    const int tall = !stj_pieces_fit(rows_whole, p->kernel_h, p->kernel_w);
    window window;
    window.p = p;
    window.bias = p->bias != NULL ? p->bias : p->whole_bias;
    window.zero_point = p->bias != NULL ? p->in_zero_point : 0;
    window.depth = p->in_c / p->groups;
    window.block = p->kernel_h * p->kernel_w * window.depth * BYTES;
    window.apart = p->stride_w * in->pixel_bytes;
    stj_taps_of_row(&window.taps, in, &height, p->dilation_w, run->above, run->y);
    const int all_rows = window.taps.end_y - window.taps.first_y == p->kernel_h;
    const int pairs = all_rows && !tall && p->groups * p->dilation_w == 1;
    int8_t *out = run->to;
    int slides = 0; /* whether the position before is the second of a pair, from which the next one can be had */
    for (int32_t x = run->x, end = x + run->count, step; x < end; x += step, out += step * p->out_c) {
        int two = pairs && x + 1 < end && stj_inside(&width, x) && stj_inside(&width, x + 1);
        if (two && slides) {
            stj_slide(&window.pieces, 2 * window.apart);
        } else {
            stj_taps_in_row(&window.taps, in, &width, x);
            two = two && cut_pair(&window);
            slides = two && rows_whole;
        }
        if (two) {
            compute_pair(&window, out);
        } else {
            if (!tall) {
                stj_cut(&window.pieces, &window.taps, p->kernel_w);
            }
            compute_one(&window, tall, out);
        }
        step = 1 + two;
    }
}

#endif
