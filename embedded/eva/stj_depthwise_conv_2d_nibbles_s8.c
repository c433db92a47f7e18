/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D, two weights in a byte, of one and of three results per channel. */
#include "stj_depthwise_conv_2d_nibbles_s8.h"

#define WEIGHTS_IN_A_BYTE 2
#include "windows.h"

static stj_depthwise_conv_2d_params params_of(const layer *l) {
    const stj_depthwise_conv_2d_params params = {
        l->weights,         l->bias,   l->whole_bias,      l->multiplier,      l->shift,         IMAGES(l),
        l->out_c / l->in_c, WINDOW(l), unknown(-128, 127), unknown(-128, 127), unknown(-128, 0), unknown(1, 127)};
    return params;
}

static void rows(const layer *l, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_depthwise_conv_2d_params params = params_of(l);
    stj_depthwise_conv_2d_nibbles_s8(&params, in, out, y0, y1);
}

static void tile(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_depthwise_conv_2d_params params = params_of(l);
    stj_depthwise_conv_2d_nibbles_s8_tile(&params, in, out, region);
}

int main(void) {
    const kernel single = {5, 5, 1, 0, rows, tile, 0, 6}, multiplied = {2, 6, 1, 0, rows, tile, 0, 6};
    check_windows(&single);
    check_windows(&multiplied);
    return 0;
}
