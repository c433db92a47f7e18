/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN and SUM on int16. */
#include "stj_mean_s16.h"

#include "unknown.h"

/* Any of the five axes summed over. */
static void check_mean(int32_t axes) {
    static const int32_t extent[5] = {1, 2, 3, 2, 3};
    stj_mean_params params;
    int32_t results = 1;
    for (int axis = 0; axis < 5; axis++) {
        params.extent[axis] = extent[axis];
        params.reduced[axis] = axes >> axis & 1;
        results *= params.reduced[axis] ? 1 : extent[axis];
    }
    params.row_elements = results;
    params.multiplier = unknown(0, INT32_MAX);
    params.shift = unknown(-31, 4);
    params.in_zero_point = 0;
    params.out_zero_point = 0;
    uint8_t *from = unknown_bytes(6 * 12), *to = unknown_bytes(2 * results);
    const stj_in in = {from, 12, 6};
    const stj_out out = {to, 2 * results, 1};
    stj_mean_s16(&params, &in, &out, 0, 1);
    free(from);
    free(to);
}

int main(void) {
    for (int32_t axes = 0; axes < 32; axes++) {
        check_mean(axes);
    }
    return 0;
}
