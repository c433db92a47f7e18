/* SPDX-License-Identifier: Apache-2.0 */
/* What the filters of SVDF give, bytes and words. */
#include "stj_svdf_filters_s8.h"

#include "unknown.h"

enum { VECTORS = 2, DEPTH = 5, FILTERS = 3 };

static void check_filters(int32_t bytes) {
    uint8_t *from = unknown_bytes(VECTORS * DEPTH), *to = unknown_bytes(VECTORS * FILTERS * bytes);
    int8_t *weights = unknown_bytes(FILTERS * DEPTH);
    int32_t *bias = unknown_words(FILTERS, -(1 << 24), 1 << 24);
    const stj_in in = {from, DEPTH, VECTORS};
    const stj_out out = {to, FILTERS * bytes, VECTORS};
    const stj_svdf_filters_params params = {.weights = weights,
                                            .bias = bias,
                                            .depth = DEPTH,
                                            .filters = FILTERS,
                                            .element_bytes = bytes,
                                            .multiplier = unknown(1 << 30, INT32_MAX),
                                            .shift = unknown(-31, -1)};
    stj_svdf_filters_s8(&params, &in, &out, 0, VECTORS);
    free(from);
    free(to);
    free(weights);
    free(bias);
}

int main(void) {
    check_filters(1);
    check_filters(2);
    return 0;
}
