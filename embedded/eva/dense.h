/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks of dense layers of int8 share: whoever includes this names the kernel. WEIGHTS_IN_A_BYTE is 2 where
 * they are packed. */
#ifndef STJ_EVA_DENSE_H
#define STJ_EVA_DENSE_H

#include "stj_fully_connected_s8.h"

#include "unknown.h"

#ifndef WEIGHTS_IN_A_BYTE
#define WEIGHTS_IN_A_BYTE 1
#endif

typedef void dense_kernel(const stj_fully_connected_params *, const stj_in *, const stj_out *, int32_t, int32_t);

/* Vectors within a row, and vectors of several rows. */
static void check_dense(dense_kernel *run, int32_t vectors, int32_t in_depth, int32_t out_depth, int others) {
    const int32_t lanes = (out_depth + 3) / 4 * 4;
    uint8_t *from = unknown_bytes(2 * 12), *to = unknown_bytes(vectors * out_depth);
    int8_t *weights = unknown_bytes(lanes * in_depth / WEIGHTS_IN_A_BYTE),
           *shift = unknown_stored_shifts(lanes, others, -1);
    int32_t *bias = unknown_words(lanes, -(1 << 24), 1 << 24);
    int32_t *multiplier = unknown_words(lanes, 1 << 30, INT32_MAX);
    const stj_in in = {from, 12, 2};
    const stj_out out = {to, vectors * out_depth, 1};
    for (int32_t once = 0; once < 2; once++) {
        const stj_fully_connected_params params = {
            weights,          bias,           multiplier, shift, once, in_depth, out_depth, vectors, unknown(-128, 127),
            unknown(-128, 0), unknown(1, 127)};
        run(&params, &in, &out, 0, 24 / in_depth / vectors);
    }
    free(from);
    free(to);
    free(weights);
    free(shift);
    free(bias);
    free(multiplier);
}

static void check_dense_shapes(dense_kernel *run) {
    for (int others = 0; others < 2; others++) {
        check_dense(run, 1, 12, 5, others);
        check_dense(run, 2, 4, 3, others);
        check_dense(run, 1, 24, 2, others);
    }
}

#endif
