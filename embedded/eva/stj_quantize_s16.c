/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE of float32 to int16. */
#include "stj_quantize_s16.h"

#include "elements.h"

int main(void) {
    uint8_t *reals = unknown_bytes(2 * ROW * 4), *halves = unknown_bytes(2 * ROW * 2);
    const stj_in in = {reals, ROW * 4, 2};
    const stj_out out = {halves, ROW * 2, 2};
    const stj_quantize_s16_params params = {ROW, 0.05f, unknown(-128, 127)};
    stj_quantize_s16(&params, &in, &out, 0, HEIGHT);
    free(reals);
    free(halves);
    return 0;
}
