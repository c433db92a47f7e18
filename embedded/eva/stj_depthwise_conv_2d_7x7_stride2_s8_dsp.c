/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions by 7 x 7 taps at a stride of 2, with the DSP extension. */
#include "stj_depthwise_conv_2d_7x7_stride2_s8_dsp.h"

#include "squares.h"

static void rows(const layer *l, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const square s = make_square(l, 7, 2);
    const stj_out both[] = {*out, {s.scratch, s.scratch_bytes, 1}};
    stj_depthwise_conv_2d_7x7_stride2_s8_dsp(&s.params, in, both, y0, y1);
    free_square(&s);
}

static void tile(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const square s = make_square(l, 7, 2);
    const stj_pixels_out both[] = {*out, {s.scratch, s.scratch_bytes, 1, 1, 1}};
    stj_depthwise_conv_2d_7x7_stride2_s8_dsp_tile(&s.params, in, both, region);
    free_square(&s);
}

int main(void) {
    check_squares(7, 2, rows, tile);
    return 0;
}
