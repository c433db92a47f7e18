/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D with the DSP extension, one position at a time. */
#include "stj_conv_2d_single_s8_dsp.h"

#include "blocks.h"

/* By four output channels: biases, weights, and three words of rescaling for each. */
static blocks make_single(const layer *l) {
    const int32_t units = units_of(l), groups = (l->out_c + 3) / 4, group = 4 + 4 * units + 12;
    int32_t *stream = unknown_words(groups * group, -(1 << 29), 1 << 29);
    for (int32_t c = 0; c < 4 * groups; c++) {
        stream[c / 4 * group + 4 + 4 * units + 3 * (c % 4) + 2] = unknown(1, 24);
    }
    return blocks_of(l, unknown(0, 3), stream, groups * group, 8 * units);
}

static void rows(const layer *l, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const blocks b = make_single(l);
    const stj_out both[] = {*out, {b.scratch, b.scratch_bytes, 1}};
    stj_conv_2d_single_s8_dsp(&b.params, in, both, y0, y1);
    free_blocks(&b);
}

static void tile(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    const blocks b = make_single(l);
    const stj_pixels_out both[] = {*out, {b.scratch, b.scratch_bytes, 1, 1, 1}};
    stj_conv_2d_single_s8_dsp_tile(&b.params, in, both, region);
    free_blocks(&b);
}

int main(void) {
    check_blocks(rows, tile);
    return 0;
}
