/* SPDX-License-Identifier: Apache-2.0 */
/* DEQUANTIZE between int8 and float32. */
#include "stj_dequantize_s8.h"

#include "elements.h"

int main(void) {
    uint8_t *bytes = unknown_bytes(2 * ROW), *reals = unknown_bytes(2 * ROW * 4);
    const stj_in in = {bytes, ROW, 2};
    const stj_out out = {reals, ROW * 4, 2};
    const stj_dequantize_params params = {ROW, 0.05f, unknown(-128, 127)};
    stj_dequantize_s8(&params, &in, &out, 0, HEIGHT);
    free(bytes);
    free(reals);
    return 0;
}
