/* SPDX-License-Identifier: Apache-2.0 */
/* REDUCE_MAX and REDUCE_MIN. */
#include "stj_reduce_max_s8.h"

#include "unknown.h"

/* Any of the five axes reduced. */
static void check_reduced(int32_t axes) {
    static const int32_t extent[5] = {1, 2, 3, 2, 3};
    stj_reduce_max_params params;
    int32_t results = 1;
    for (int axis = 4; axis >= 0; axis--) {
        params.extent[axis] = extent[axis];
        params.step[axis] = axes >> axis & 1 ? 0 : results;
        results *= axes >> axis & 1 ? 1 : extent[axis];
    }
    params.row_elements = results;
    params.by_rows = 0;
    params.smaller = unknown(0, 1);
    uint8_t *from = unknown_bytes(6 * 6), *to = unknown_bytes(results);
    const stj_in in = {from, 6, 6};
    const stj_out out = {to, results, 1};
    stj_reduce_max_s8(&params, &in, &out, 0, 1);
    free(from);
    free(to);
}

/* Channels reduced, row by row. */
static void check_rows(void) {
    const stj_reduce_max_params params = {{1, 1, 4, 2, 3}, {0, 0, 2, 1, 0}, 2, 1, unknown(0, 1)};
    uint8_t *from = unknown_bytes(2 * 6), *to = unknown_bytes(2 * 2);
    const stj_in in = {from, 6, 2};
    const stj_out out = {to, 2, 2};
    stj_reduce_max_s8(&params, &in, &out, 0, 4);
    free(from);
    free(to);
}

int main(void) {
    for (int32_t axes = 0; axes < 32; axes++) {
        check_reduced(axes);
    }
    check_rows();
    return 0;
}
