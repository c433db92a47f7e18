/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of a depthwise window that has been cut into pieces: four adjacent channels at once, whose weights lie side by
 * side. Shared by the kernels in plain C, which say how weights are stored:
 *
 *   TAP(channels)  bytes of the weights of one tap
 *   AT(channel)    where in them those of four channels begin
 *   WEIGHT(w, k)   the weight of channel k from there on */
#ifndef STJ_DEPTHWISE_SUMS_H
#define STJ_DEPTHWISE_SUMS_H

#include "stj_depthwise_conv_2d_s8.h"
#include "stj_pieces.h"
#include "stj_rescale.h"

enum { LANES = 4, CHUNK = 4 * LANES };

/* The window of one position. */
typedef struct {
    const stj_depthwise_conv_2d_params *p;
    const int32_t *bias; /* of windows that may be clipped, and what is taken off their inputs */
    int32_t zero_point;
    int32_t channels; /* of the output */
    int whole;        /* whether all taps are on the image */
    stj_taps taps;
    stj_pieces pieces;
} window;

/* Sums of `count` channels (>= LANES) from `channel` on; one output each. */
STJ_TEMPLATE void sum_channels(const window *window, int whole, int32_t channel, int32_t count, int32_t *sums) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const int32_t zero_point = whole ? 0 : window->zero_point;
    const int32_t *bias = (whole ? p->whole_bias : window->bias) + channel;
    const int32_t right = window->taps.right, step = TAP(window->channels);
    for (;;) {
        const int8_t *weights = p->weights + AT(channel), *w = weights;
        uint32_t s0 = (uint32_t)bias[0], s1 = (uint32_t)bias[1], s2 = (uint32_t)bias[2], s3 = (uint32_t)bias[3];
        for (const stj_piece *piece = window->pieces.piece; piece < window->pieces.end; piece++) {
            const int8_t *x = piece->x + channel;
            int32_t taps = piece->taps;
            w = whole ? w : weights + piece->tap * step;
            do { /* modulo 2^32: only whole sums need to fit */
                s0 += (uint32_t)((x[0] - zero_point) * WEIGHT(w, 0));
                s1 += (uint32_t)((x[1] - zero_point) * WEIGHT(w, 1));
                s2 += (uint32_t)((x[2] - zero_point) * WEIGHT(w, 2));
                s3 += (uint32_t)((x[3] - zero_point) * WEIGHT(w, 3));
                x += right;
                w += step;
            } while (--taps != 0);
        }
        sums[0] = (int32_t)s0, sums[1] = (int32_t)s1, sums[2] = (int32_t)s2, sums[3] = (int32_t)s3;
        count -= LANES;
        if (count <= 0) {
            break;
        }
        const int32_t next = count < LANES ? count : LANES;
        channel += next;
        bias += next;
        sums += next;
    }
}

static STJ_NOINLINE void sum_whole(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    sum_channels(window, 1, channel, count, sums);
}

static STJ_NOINLINE void sum_clipped(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    sum_channels(window, 0, channel, count, sums);
}

#endif
