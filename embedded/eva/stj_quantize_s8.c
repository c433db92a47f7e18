/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE between int8 and float32. */
#include "stj_quantize_s8.h"

#include "elements.h"

int main(void) {
    uint8_t *bytes = unknown_bytes(2 * ROW), *reals = unknown_bytes(2 * ROW * 4);
    const stj_in in = {reals, ROW * 4, 2};
    const stj_out out = {bytes, ROW, 2};
    const stj_quantize_params params = {ROW, 0.05f, unknown(-128, 127)};
    stj_quantize_s8(&params, &in, &out, 0, HEIGHT);
    free(bytes);
    free(reals);
    return 0;
}
