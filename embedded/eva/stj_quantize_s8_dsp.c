/* SPDX-License-Identifier: Apache-2.0 */
/* QUANTIZE of float32 to int8, from words' boundaries and from between them. */
#include "stj_quantize_s8_dsp.h"

#include "elements.h"

int main(void) {
    uint8_t *bytes = unknown_bytes(2 * ROW), *reals = unknown_bytes(2 * (ROW * 4 + 1));
    const stj_out out = {bytes, ROW, 2};
    const stj_quantize_dsp_params params = {ROW, 0.025f, unknown(-128, 127)};
    for (int32_t spare = 0; spare < 2; spare++) {
        const stj_in in = {reals, ROW * 4 + spare, 2};
        stj_quantize_s8_dsp(&params, &in, &out, 0, HEIGHT);
    }
    free(bytes);
    free(reals);
    return 0;
}
