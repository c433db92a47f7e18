/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE between bytes, halves and words, all pairs. */
#include "stj_quantize_wide.h"

#include "elements.h"

static void check_pair(int32_t in_bytes, int32_t out_bytes) {
    uint8_t *from = unknown_bytes(2 * ROW * in_bytes), *to = unknown_bytes(2 * ROW * out_bytes);
    const stj_in in = {from, ROW * in_bytes, 2};
    const stj_out out = {to, ROW * out_bytes, 2};
    const stj_quantize_wide_params params = {.row_elements = ROW,
                                             .in_bytes = in_bytes,
                                             .out_bytes = out_bytes,
                                             .multiplier = unknown(1 << 30, INT32_MAX),
                                             .shift = unknown(-31, -1),
                                             .out_min = INT8_MIN,
                                             .out_max = INT8_MAX};
    stj_quantize_wide(&params, &in, &out, 0, HEIGHT);
    free(from);
    free(to);
}

int main(void) {
    const int32_t bytes[3] = {1, 2, 4};
    for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) {
            check_pair(bytes[a], bytes[b]);
        }
    }
    return 0;
}
