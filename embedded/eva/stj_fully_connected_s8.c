/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED. */
#include "stj_fully_connected_s8.h"

#include "dense.h"

static void rows(const stj_fully_connected_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                 int32_t y1) {
    stj_fully_connected_s8(params, in, out, y0, y1);
}

int main(void) {
    check_dense_shapes(rows);
    return 0;
}
