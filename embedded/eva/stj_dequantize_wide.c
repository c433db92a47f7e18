/* SPDX-License-Identifier: Apache-2.0 */
/* DEQUANTIZE of uint8 and int16. */
#include "stj_dequantize_wide.h"

#include "elements.h"

static void check_dequantize(int32_t bytes) {
    uint8_t *from = unknown_bytes(2 * ROW * bytes), *reals = unknown_bytes(2 * ROW * 4);
    const stj_in in = {from, ROW * bytes, 2};
    const stj_out out = {reals, ROW * 4, 2};
    const stj_dequantize_wide_params params = {ROW, bytes, 0.05f, unknown(0, 127)};
    stj_dequantize_wide(&params, &in, &out, 0, HEIGHT);
    free(from);
    free(reals);
}

int main(void) {
    check_dequantize(1);
    check_dequantize(2);
    return 0;
}
