/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED, two weights in a byte. */
#include "stj_fully_connected_nibbles_s8.h"

#define WEIGHTS_IN_A_BYTE 2
#include "dense.h"

static void rows(const stj_fully_connected_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                 int32_t y1) {
    stj_fully_connected_nibbles_s8(params, in, out, y0, y1);
}

int main(void) {
    check_dense_shapes(rows);
    return 0;
}
