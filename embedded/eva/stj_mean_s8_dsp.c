/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN and SUM over height and width, with groups of channels that overlap and rows that wrap. */
#include "stj_mean_s8_dsp.h"

#include "unknown.h"

int main(void) {
    enum { CHANNELS = 13, WIDTH = 3, ROWS = 4 };
    uint8_t *from = unknown_bytes(ROWS * WIDTH * CHANNELS), *to = unknown_bytes(CHANNELS);
    const stj_mean_dsp_params params = {ROWS,
                                        WIDTH,
                                        CHANNELS,
                                        ROWS * WIDTH * unknown(-128, 127),
                                        unknown(0, INT32_MAX),
                                        unknown(-31, 4),
                                        unknown(-128, 127)};
    const stj_in in = {from, WIDTH * CHANNELS, ROWS};
    const stj_out out = {to, CHANNELS, 1};
    stj_mean_s8_dsp(&params, &in, &out, 0, 1);
    free(from);
    free(to);
    return 0;
}
