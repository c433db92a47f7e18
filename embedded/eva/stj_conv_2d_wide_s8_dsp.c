/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D with the DSP extension, weights as halfwords. */
#include "stj_conv_2d_wide_s8_dsp.h"

#include "blocks.h"

static void rows(const layer *l, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const int32_t form = unknown(0, 3);
    const blocks b = make_blocks(l, form, 1, form > 1);
    const stj_out both[] = {*out, {b.scratch, b.scratch_bytes, 1}};
    stj_conv_2d_wide_s8_dsp(&b.params, in, both, y0, y1);
    free_blocks(&b);
}

static void tile(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const int32_t form = unknown(0, 3);
    const blocks b = make_blocks(l, form, 1, form > 1);
    const stj_pixels_out both[] = {*out, {b.scratch, b.scratch_bytes, 1, 1, 1}};
    stj_conv_2d_wide_s8_dsp_tile(&b.params, in, both, region);
    free_blocks(&b);
}

int main(void) {
    check_blocks(rows, tile);
    return 0;
}
