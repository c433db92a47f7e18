/* SPDX-License-Identifier: Apache-2.0 */
/* The sums over calls of SVDF: bytes and words, from each slot of a ring on. */
#include "stj_svdf_s8.h"

#include "unknown.h"

enum { VECTORS = 2, FILTERS = 6, RANK = 2, CALLS = 3 };

static void check_svdf(int32_t bytes, int32_t slot, int biased) {
    uint8_t *ring = unknown_bytes(CALLS * VECTORS * FILTERS * bytes);
    uint8_t *weights = unknown_bytes(FILTERS * CALLS * bytes), *to = unknown_bytes(VECTORS * FILTERS / RANK);
    int32_t *bias = unknown_words(FILTERS / RANK, -(1 << 24), 1 << 24);
    const stj_in in = {ring, VECTORS * FILTERS * bytes, CALLS};
    const stj_out out = {to, VECTORS * FILTERS / RANK, 1};
    const stj_svdf_params params = {.weights = weights,
                                    .bias = biased ? bias : 0,
                                    .element_bytes = bytes,
                                    .calls = CALLS,
                                    .vectors = VECTORS,
                                    .filters = FILTERS,
                                    .rank = RANK,
                                    .multiplier = unknown(1 << 30, INT32_MAX),
                                    .shift = unknown(-31, -1),
                                    .out_zero_point = unknown(-128, 127)};
    stj_svdf_s8(&params, &in, &out, slot, slot + 1);
    free(ring);
    free(weights);
    free(to);
    free(bias);
}

int main(void) {
    for (int32_t slot = 0; slot < CALLS; slot++) {
        check_svdf(1, slot, 1);
        check_svdf(2, slot, 0);
    }
    return 0;
}
