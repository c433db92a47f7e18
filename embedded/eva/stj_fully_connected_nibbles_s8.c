/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED, two weights in a byte. */
#include "stj_fully_connected_nibbles_s8.h"

#include "unknown.h"

/* Vectors within a row, and vectors of several rows. */
static void check_fully_connected(int32_t vectors, int32_t in_depth, int32_t out_depth, int others) {
    const int32_t lanes = (out_depth + 3) / 4 * 4;
    uint8_t *from = unknown_bytes(2 * 12), *to = unknown_bytes(vectors * out_depth);
    int8_t *weights = unknown_bytes(lanes / 2 * in_depth), *shift = unknown_stored_shifts(lanes, others, -1);
    int32_t *bias = unknown_words(lanes, -(1 << 24), 1 << 24);
    int32_t *multiplier = unknown_words(lanes, 1 << 30, INT32_MAX);
    const stj_in in = {from, 12, 2};
    const stj_out out = {to, vectors * out_depth, 1};
    for (int32_t once = 0; once < 2; once++) {
        const stj_fully_connected_params params = {
            weights,          bias,           multiplier, shift, once, in_depth, out_depth, vectors, unknown(-128, 127),
            unknown(-128, 0), unknown(1, 127)};
        stj_fully_connected_nibbles_s8(&params, &in, &out, 0, 24 / in_depth / vectors);
    }
    free(from);
    free(to);
    free(weights);
    free(shift);
    free(bias);
    free(multiplier);
}

int main(void) {
    for (int others = 0; others < 2; others++) {
        check_fully_connected(1, 12, 5, others);
        check_fully_connected(2, 4, 3, others);
        check_fully_connected(1, 24, 2, others);
    }
    return 0;
}
