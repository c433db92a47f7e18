/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED on int16. */
#include "stj_fully_connected_s16.h"

#include "wide.h"

/* Vectors within a row, and vectors of several rows. */
static void check_fully_connected(int32_t vectors, int32_t in_depth, int32_t out_depth) {
    const int32_t lanes = (out_depth + 3) / 4 * 4;
    uint8_t *from = unknown_bytes(2 * 24), *to = unknown_bytes(2 * vectors * out_depth);
    int8_t *weights = unknown_bytes(lanes * in_depth);
    const rescaling found = unknown_rescaling(lanes);
    const stj_in in = {from, 24, 2};
    const stj_out out = {to, 2 * vectors * out_depth, 1};
    const stj_fully_connected_s16_params params = {
        weights,   found.bias, found.multiplier, found.shift,     in_depth,
        out_depth, vectors,    unknown(-999, 0), unknown(1, 999),
    };
    stj_fully_connected_s16(&params, &in, &out, 0, 24 / in_depth / vectors);
    free(from);
    free(to);
    free(weights);
    free_rescaling(&found);
}

int main(void) {
    check_fully_connected(1, 12, 5);
    check_fully_connected(2, 4, 3);
    check_fully_connected(1, 24, 2);
    return 0;
}
