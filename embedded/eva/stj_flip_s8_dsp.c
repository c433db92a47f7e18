/* SPDX-License-Identifier: Apache-2.0 */
/* The highest bit of every byte, in place. */
#include "stj_flip_s8_dsp.h"

#include "elements.h"

static void tile(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_flip_dsp_params params = {0};
    stj_flip_s8_dsp_tile(&params, in, out, region);
}

int main(void) {
    uint8_t *bytes = unknown_bytes(2 * ROW);
    const stj_in in = {bytes, ROW, 2};
    const stj_out out = {bytes, ROW, 2};
    const stj_flip_dsp_params params = {ROW};
    stj_flip_s8_dsp(&params, &in, &out, 0, HEIGHT);
    free(bytes);
    check_regions(tile);
    return 0;
}
