/* SPDX-License-Identifier: Apache-2.0 */
/* ARG_MAX and ARG_MIN over channels, row by row, and over rows. */
#include "stj_arg_max_s8.h"

#include "unknown.h"

static void over_channels(void) {
    const stj_arg_max_params params = {{{1, 4}, 3, 1}, {{0, 0, 1, 0}, {5, 0}}, 5, 0, 1, unknown(0, 1)};
    uint8_t *from = unknown_bytes(2 * 15), *to = unknown_bytes(2 * 12);
    const stj_in in = {from, 15, 2};
    const stj_out out = {to, 12, 2};
    stj_arg_max_s8(&params, &in, &out, 0, 4);
    free(from);
    free(to);
}

static void over_rows(void) {
    const stj_arg_max_params params = {{{1, 1}, 2, 3}, {{0, 0, 0, 0}, {3, 1}}, 4, 1, 0, unknown(0, 1)};
    uint8_t *from = unknown_bytes(4 * 6), *to = unknown_bytes(24);
    const stj_in in = {from, 6, 4};
    const stj_out out = {to, 24, 1};
    stj_arg_max_s8(&params, &in, &out, 0, 1);
    free(from);
    free(to);
}

int main(void) {
    over_channels();
    over_rows();
    return 0;
}
