/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED with the DSP extension. */
#include "stj_fully_connected_s8_dsp.h"

#include "unknown.h"

/* Vectors within a row and vectors of several rows, with the bytes behind them that the last word takes along. */
static void check_fully_connected(int32_t vectors, int32_t in_depth, int32_t out_depth) {
    const int32_t units = (in_depth + 3) / 4, groups = (out_depth + 3) / 4, group = 4 + 4 * units + 12;
    uint8_t *from = unknown_bytes(24 + 4 * units - in_depth), *to = unknown_bytes(vectors * out_depth);
    int32_t *stream = unknown_words(groups * group, -(1 << 29), 1 << 29);
    for (int32_t c = 0; c < 4 * groups; c++) {
        stream[c / 4 * group + 4 + 4 * units + 3 * (c % 4) + 2] = unknown(1, 24);
    }
    uint8_t *scratch = unknown_bytes(8 * units);
    const stj_in in = {from, 12, 2};
    const stj_out out[] = {{to, vectors * out_depth, 1}, {scratch, 8 * units, 1}};
    for (int32_t away = 0; away < 2; away++) {
        const stj_fully_connected_dsp_params params = {stream,
                                                       units,
                                                       away,
                                                       in_depth,
                                                       out_depth,
                                                       vectors,
                                                       unknown(-128, 127),
                                                       unknown(-128, 127),
                                                       unknown(-128, 0),
                                                       unknown(1, 127)};
        stj_fully_connected_s8_dsp(&params, &in, out, 0, 24 / in_depth / vectors);
    }
    free(from);
    free(to);
    free(stream);
    free(scratch);
}

int main(void) {
    check_fully_connected(1, 12, 5);
    check_fully_connected(2, 4, 3);
    check_fully_connected(2, 3, 8);
    check_fully_connected(1, 24, 2);
    return 0;
}
