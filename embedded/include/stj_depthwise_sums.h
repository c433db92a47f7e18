/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of four adjacent channels of a depthwise window, whose weights lie side by side. Shared by the kernels in plain
 * C, which say how weights are stored:
 *
 *   TAP(channels)  bytes of the weights of one tap
 *   AT(channel)    where in them those of four channels begin
 *   WEIGHT(w, k)   the weight of channel k from there on */
#ifndef STJ_DEPTHWISE_SUMS_H
#define STJ_DEPTHWISE_SUMS_H

#include "stj_depthwise_conv_2d_s8.h"
#include "stj_rescale.h"
#include "stj_walk.h"

enum { LANES = 4, CHUNK = 4 * LANES };

/* Modulo 2^32: only whole sums need to fit. */
typedef struct {
    uint32_t s0, s1, s2, s3;
} four;

static inline four begin_four(const int32_t *bias) {
    const four sum = {(uint32_t)bias[0], (uint32_t)bias[1], (uint32_t)bias[2], (uint32_t)bias[3]};
    return sum;
}

/* Adds the products of `taps` pixels from `x` on, `right` bytes apart, with the weights from `w` on, `step` bytes
 * apart. Returns where the weights after these are. */
STJ_TEMPLATE const int8_t *add_taps(four *sum, const int8_t *x, const int8_t *w, int32_t taps, int32_t right,
                                    int32_t step, int32_t zero_point) {
    do {
        sum->s0 += (uint32_t)((x[0] - zero_point) * WEIGHT(w, 0));
        sum->s1 += (uint32_t)((x[1] - zero_point) * WEIGHT(w, 1));
        sum->s2 += (uint32_t)((x[2] - zero_point) * WEIGHT(w, 2));
        sum->s3 += (uint32_t)((x[3] - zero_point) * WEIGHT(w, 3));
        x += right;
        w += step;
    } while (--taps != 0);
    return w;
}

static inline void end_four(const four *sum, int32_t *sums) {
    sums[0] = (int32_t)sum->s0, sums[1] = (int32_t)sum->s1, sums[2] = (int32_t)sum->s2, sums[3] = (int32_t)sum->s3;
}

/* By how many channels to go on where `left` are left, the next ones included: the last four may take in some that have
 * been computed before. */
static inline int32_t next_four(int32_t left) { return left < LANES ? left : LANES; }

#endif
