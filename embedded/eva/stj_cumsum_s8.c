/* SPDX-License-Identifier: Apache-2.0 */
/* CUMSUM along a leading axis, along the width and along the channels, both ways. */
#include "stj_cumsum_s8.h"

#include "unknown.h"

enum { ROWS = 6, WIDTH = 3, CHANNELS = 5, ROW = WIDTH * CHANNELS };

static void check(int32_t axis, int32_t extent, int32_t step, int way) {
    uint8_t *from = unknown_bytes(ROWS * ROW), *to = unknown_bytes(2 * ROW);
    const stj_in in = {from, ROW, ROWS};
    const stj_out out = {to, ROW, 2};
    const stj_cumsum_params params = {{1, 3},
                                      ROW,
                                      axis,
                                      extent,
                                      step,
                                      way % 2,
                                      way / 2,
                                      unknown(-128, 127),
                                      unknown(0, INT32_MAX),
                                      unknown(-31, 0),
                                      unknown(-128, 127)};
    stj_cumsum_s8(&params, &in, &out, 0, ROWS);
    free(from);
    free(to);
}

int main(void) {
    for (int way = 0; way < 4; way++) {
        check(0, 2, 3, way);
        check(2, 3, 1, way);
        check(3, WIDTH, CHANNELS, way);
        check(3, CHANNELS, 1, way);
    }
    return 0;
}
