/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a convolution: accumulators to stored outputs, as TFLM rounds them (twice), without a branch on data.
 *
 * With n = -shift, TFLM computes high = round(sum * multiplier / 2^31), then high / 2^n to nearest, halves away from
 * zero, and adds the zero point. With n >= 2 this is one division, since one rounding down after another is one:
 *
 *     floor((sum * multiplier + 2^30 + 2^(30 + n) + zero_point * 2^(31 + n) - negative) / 2^(31 + n))
 *
 * `negative` is 2^31 where the product is below zero: there halves go down. In 64 bits, what is added has 2^30 as its
 * low word and (2 * zero_point + 1) << (n - 2) as its high one, and a sum below zero takes 2^31 away. The highest
 * output is taken off with the zero point, so that clamping at it is clamping at 0. */
#ifndef STJ_RESCALE_H
#define STJ_RESCALE_H

#include "stj_nn.h"
#include "stj_requantize.h"

/* Per-channel rescaling. Kernels fill one in per call: its address goes nowhere else, so its fields stay in registers
 * while outputs, which might alias a parameter struct, are written. */
typedef struct {
    const int32_t *multiplier; /* one per channel */
    const int8_t *shift;       /* one per channel: n - 1, of 1 to 22, where multiplier >= 0; any other n as -64 - n */
    int32_t zero_point;
    int32_t low, high;
} stj_rescale;

/* TFLM's shift, to the left where positive, from a stored one. */
static inline int32_t stj_shift_of(int32_t stored) { return stored > 0 ? -1 - stored : stored + 64; }

/* x where it is negative, else 0. */
static inline int32_t stj_negative(int32_t x) { return x & (x >> 31); }

/* The formula above, for `addend` = the high word, `right` = n - 1, multiplier >= 0; clamped to [high - span, high]. */
static inline int8_t stj_rescaled(int32_t sum, int32_t multiplier, int32_t addend, int32_t right, int32_t high,
                                  int32_t span) {
    const int32_t sign = sum >> 31;
    const uint32_t low_word = (UINT32_C(1) << 30) ^ ((uint32_t)sign << 31);
    const uint64_t start = (uint64_t)(uint32_t)(addend + sign) << 32 | low_word;
    const uint64_t scaled = start + (uint64_t)((int64_t)sum * multiplier);
    const int32_t over = stj_negative((int32_t)(scaled >> 32) >> right);
    const int32_t under = stj_negative(over + span);
    return (int8_t)((uint32_t)over + (uint32_t)high - (uint32_t)under); /* unsigned for results that are of no matter */
}

/* The outputs of channels with other multipliers and shifts, which are rare: once more, as TFLM has it. */
STJ_TEMPLATE void stj_other_outputs(const stj_rescale *rescale, int32_t channel, int32_t count, const int32_t *sums,
                                    int8_t *out) {
    for (int32_t k = 0; k < count; k++) {
        const int32_t stored = rescale->shift[channel + k];
        if (stored < 0) {
            const int32_t scaled = stj_requantize(sums[k], rescale->multiplier[channel + k], stj_shift_of(stored));
            out[k] = (int8_t)stj_clamp(scaled + rescale->zero_point, rescale->low, rescale->high);
        }
    }
}

/* Writes the outputs of channels [channel, channel + count) from their sums. Negative if some have to be written once
 * more. */
STJ_TEMPLATE int32_t stj_usual_outputs(const stj_rescale *rescale, int32_t channel, int32_t count,
                                       const int32_t *restrict sums, int8_t *restrict out) {
    const int32_t *multipliers = rescale->multiplier + channel;
    const int8_t *shifts = rescale->shift + channel;
    const int32_t high = rescale->high, span = high - rescale->low;
    const int32_t addend = 2 * (rescale->zero_point - high) + 1;
    int32_t all = 0;
    for (int32_t k = 0; k < count; k++) {
        const int32_t right = shifts[k] & 31; /* of no matter where the shift is another one */
        const int32_t start = (int32_t)((uint32_t)addend << right) >> 1;
        all |= shifts[k];
        out[k] = stj_rescaled(sums[k], multipliers[k], start, right, high, span);
    }
    return all;
}

static STJ_NOINLINE void stj_store_others(const stj_rescale *rescale, int32_t channel, int32_t count,
                                          const int32_t *sums, int8_t *out) {
    stj_other_outputs(rescale, channel, count, sums, out);
}

static STJ_NOINLINE int32_t stj_store_usual(const stj_rescale *rescale, int32_t channel, int32_t count,
                                            const int32_t *sums, int8_t *out) {
    return stj_usual_outputs(rescale, channel, count, sums, out);
}

/* Writes the outputs of channels [channel, channel + count) from their sums. */
static inline void stj_store(const stj_rescale *rescale, int32_t channel, int32_t count, const int32_t *sums,
                             int8_t *out) {
    if (stj_store_usual(rescale, channel, count, sums, out) < 0) {
        stj_store_others(rescale, channel, count, sums, out); /* one after the other: neither frame is on the other */
    }
}

#endif
