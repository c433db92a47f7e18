/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D of an image whose rows come in phases. */
#include "stj_depthwise_conv_2d_phases_s8.h"

#include "phases.h"

static stj_depthwise_conv_2d_params params_of(const layer *l) {
    const stj_depthwise_conv_2d_params params = {
        l->weights, l->bias,   l->whole_bias,      l->multiplier,      l->shift,         IMAGES(l),
        1,          WINDOW(l), unknown(-128, 127), unknown(-128, 127), unknown(-128, 0), unknown(1, 127)};
    return params;
}

static void rows(const layer *l, const stj_in *in, const stj_out *out) {
    const stj_depthwise_conv_2d_params params = params_of(l);
    stj_depthwise_conv_2d_phases_s8(&params, in, out, 0, l->height.out);
}

static void tile(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const stj_depthwise_conv_2d_params params = params_of(l);
    stj_depthwise_conv_2d_phases_s8_tile(&params, in, out, region);
}

/* Heights with at least one tap, and one row, in each phase; the last windows may lie behind the image. */
static const axis HEIGHTS[] = {
    {2, 2, 2, 1, 0, 1}, {5, 3, 2, 1, 1, 3}, {4, 4, 2, 1, 2, 3},
    {7, 3, 3, 1, 2, 4}, {3, 5, 3, 1, 1, 2}, {6, 5, 2, 1, 4, 6},
};
static const axis WIDTHS[] = {{1, 1, 1, 1, 0, 1}, {4, 3, 2, 1, 1, 2}, {2, 3, 1, 2, 3, 4}, {5, 2, 1, 1, 1, 6}};

int main(void) {
    const in_phases kernel = {{5, 5, 1, 0, 0, 0, 0, 5}, rows, tile};
    for (unsigned h = 0; h < sizeof HEIGHTS / sizeof HEIGHTS[0]; h++) {
        for (unsigned w = 0; w < sizeof WIDTHS / sizeof WIDTHS[0]; w++) {
            check_layer_in_phases(&kernel, &HEIGHTS[h], &WIDTHS[w]);
        }
    }
    check_squares_in_phases(&kernel, 3);
    return 0;
}
