/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loop of convolutions and fully connected layers: four output channels at a time, so that every input is
 * loaded and freed of its zero point once for four multiplications. */
#ifndef STJ_DOT_H
#define STJ_DOT_H

#include <stdint.h>

/* Weights of four output channels. Where fewer are left, the last one stands in for the missing ones. */
typedef struct {
    const int8_t *w0, *w1, *w2, *w3;
} stj_lanes;

/* Weights of `count` (>= 1) output channels, the first at `weights`, each `stride` elements after the one before. */
static inline stj_lanes stj_lanes_of(const int8_t *weights, int32_t stride, int32_t count) {
    stj_lanes lanes;
    lanes.w0 = weights;
    lanes.w1 = count > 1 ? lanes.w0 + stride : lanes.w0;
    lanes.w2 = count > 2 ? lanes.w1 + stride : lanes.w1;
    lanes.w3 = count > 3 ? lanes.w2 + stride : lanes.w2;
    return lanes;
}

/* sums[k] += sum over i < count of (x[i] - zero_point) * wk[offset + i].
 *
 * Kept out of line: inlined, its eleven live values do not stay in a Cortex-M's registers. */
static __attribute__((noinline)) void stj_dot4(const int8_t *x, int32_t zero_point, const stj_lanes *lanes,
                                               int32_t offset, int32_t count, int32_t sums[4]) {
    const int8_t *w0 = lanes->w0 + offset;
    const int8_t *w1 = lanes->w1 + offset;
    const int8_t *w2 = lanes->w2 + offset;
    const int8_t *w3 = lanes->w3 + offset;
    const int8_t *end = x + count;
    int32_t s0 = sums[0], s1 = sums[1], s2 = sums[2], s3 = sums[3];
    while (x < end) {
        const int32_t value = *x++ - zero_point;
        s0 += value * *w0++;
        s1 += value * *w1++;
        s2 += value * *w2++;
        s3 += value * *w3++;
    }
    sums[0] = s0;
    sums[1] = s1;
    sums[2] = s2;
    sums[3] = s3;
}

#endif
