/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of four adjacent channels of a depthwise window, whose weights lie side by side. Shared by the kernels in plain
 * C, which say how weights are stored:
 *
 *   TAP(channels)  bytes of the weights of one tap
 *   AT(channel)    where in them those of four channels begin
 *   WEIGHT(w, k)   the weight of channel k from there on */
#ifndef STJ_DEPTHWISE_SUMS_H
#define STJ_DEPTHWISE_SUMS_H

#include <stddef.h>

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

/* What is taken off the inputs of windows that may be clipped. */
static inline int32_t taken_off(const stj_depthwise_conv_2d_params *p) {
    return p->bias != NULL ? p->in_zero_point : 0;
}

/* Their sums begin with these. */
static inline const int32_t *bias_of(const stj_depthwise_conv_2d_params *p) {
    return p->bias != NULL ? p->bias : p->whole_bias;
}

/* Writes the outputs of channels [channel, channel + count) from their sums. What rescales them is read of the
 * parameters here, so that it is on no other frame. */
static STJ_NOINLINE int32_t store_usual(const stj_depthwise_conv_2d_params *p, int32_t channel, int32_t count,
                                        const int32_t *sums, int8_t *out) {
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    return stj_usual_outputs(&rescale, channel, count, sums, out);
}

static STJ_NOINLINE void store_others(const stj_depthwise_conv_2d_params *p, int32_t channel, int32_t count,
                                      const int32_t *sums, int8_t *out) {
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    stj_other_outputs(&rescale, channel, count, sums, out);
}

static inline void store(const stj_depthwise_conv_2d_params *p, int32_t channel, int32_t count, const int32_t *sums,
                         int8_t *out) {
    if (store_usual(p, channel, count, sums, out) < 0) {
        store_others(p, channel, count, sums, out); /* one after the other: neither frame is on the other */
    }
}

#endif
