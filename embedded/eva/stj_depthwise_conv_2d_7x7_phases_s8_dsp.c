/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions by 7 x 7 taps at a stride of 2, of rows in phases, with the DSP extension. */
#include "stj_depthwise_conv_2d_7x7_phases_s8_dsp.h"

#include "phases.h"
#include "squares.h"

static void rows(const layer *l, const stj_in *in, const stj_out *out) {
    const square s = make_square(l, 7, 2);
    const stj_out both[] = {*out, {s.scratch, s.scratch_bytes, 1}};
    stj_depthwise_conv_2d_7x7_phases_s8_dsp(&s.params, in, both, 0, l->height.out);
    free_square(&s);
}

static void tile(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const square s = make_square(l, 7, 2);
    const stj_pixels_out both[] = {*out, {s.scratch, s.scratch_bytes, 1, 1, 1}};
    stj_depthwise_conv_2d_7x7_phases_s8_dsp_tile(&s.params, in, both, region);
    free_square(&s);
}

int main(void) {
    const in_phases kernel = {{4, 4, 0, 0, 0, 0, 1, 0}, rows, tile};
    check_squares_in_phases(&kernel, 7);
    return 0;
}
