/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of FULLY_CONNECTED in plain C, for weights as they are stored: who includes it says what a weight is.
 *
 *   BYTES         of the weights of LANES outputs for one input
 *   WEIGHT(w, k)  that of output k of them, from where they begin
 *
 * Four outputs at a time, so that an input is loaded once for four products. Inputs are taken as stored; what their
 * zero point adds to a sum is in `whole_bias`. */
#ifndef STJ_FULLY_CONNECTED_LOOPS_H
#define STJ_FULLY_CONNECTED_LOOPS_H

#include "stj_fully_connected_s8.h"
#include "stj_rescale.h"
#include "stj_window.h"

enum { LANES = STJ_FULLY_CONNECTED_LANES };

/* x * multiplier * 2^(shift - 31), rounded once, halves towards plus infinity. */
static int32_t requantize_once(int32_t x, int32_t multiplier, int32_t shift) {
    const int32_t right = 31 - shift;
    return (int32_t)(((int64_t)x * multiplier + (INT64_C(1) << (right - 1))) >> right);
}

/* Outputs [c, c + count) from their sums, rounded once. */
static void store_once(const stj_fully_connected_params *p, int32_t c, int32_t count, const int32_t *sums,
                       int8_t *out) {
    for (int32_t k = 0; k < count; k++) {
        const int32_t scaled = requantize_once(sums[k], p->multiplier[c + k], stj_shift_of(p->shift[c + k]));
        out[k] = (int8_t)stj_clamp(scaled + p->out_zero_point, p->out_min, p->out_max);
    }
}

/* Sums of a block of outputs. */
static void sum_block(const int8_t *x, int32_t count, const int8_t *w, const int32_t *bias, int32_t sums[LANES]) {
    uint32_t s0 = (uint32_t)bias[0], s1 = (uint32_t)bias[1], s2 = (uint32_t)bias[2], s3 = (uint32_t)bias[3];
    for (const int8_t *end = x + count; x != end; w += BYTES) {
        const int32_t value = *x++;
        s0 += (uint32_t)(value * WEIGHT(w, 0)); /* modulo 2^32: only whole sums need to fit */
        s1 += (uint32_t)(value * WEIGHT(w, 1));
        s2 += (uint32_t)(value * WEIGHT(w, 2));
        s3 += (uint32_t)(value * WEIGHT(w, 3));
    }
    sums[0] = (int32_t)s0, sums[1] = (int32_t)s1, sums[2] = (int32_t)s2, sums[3] = (int32_t)s3;
}

static void compute_vector(const stj_fully_connected_params *p, const int8_t *x, int8_t *out) {
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    for (int32_t c = 0; c < p->out_depth; c += LANES) {
        const int32_t count = p->out_depth - c < LANES ? p->out_depth - c : LANES;
        int32_t sums[LANES];
        sum_block(x, p->in_depth, p->weights + c / LANES * p->in_depth * BYTES, p->whole_bias + c, sums);
        if (p->single_rounding) {
            store_once(p, c, count, sums, out + c);
        } else {
            stj_store(&rescale, c, count, sums, out + c);
        }
    }
}

static void compute_rows(const stj_fully_connected_params *p, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        int8_t *row = stj_out_row(out, y);
        for (int32_t v = 0; v < p->vectors_per_row; v++) {
            const int32_t element = (y * p->vectors_per_row + v) * p->in_depth;
            const int32_t in_row = element / in->row_bytes;
            const int8_t *x = stj_slot(in, in_row % in->capacity) + (element - in_row * in->row_bytes);
            compute_vector(p, x, row + v * p->out_depth);
        }
    }
}

#endif
