/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D in plain C, half a byte for each weight.
 *
 * As stj_depthwise_conv_2d_s8.c has it, but fours of channels begin at whole bytes: what is left of channels is
 * computed one by one, from the same pieces. */
#include "stj_depthwise_conv_2d_nibbles_s8.h"

#include "stj_nibbles.h"

#define TAP(channels) (((channels) + 1) / 2)
#define AT(channel) ((channel) / 2)
#define WEIGHT(w, k) stj_nibble(w, k)
#include "stj_depthwise_run.h"

static STJ_NOINLINE void compute_position(const window *window) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const int32_t channels = channels_of(window);
    int32_t sums[CHUNK];
    for (int32_t c = 0; c < channels; c += CHUNK) {
        const int32_t count = channels - c < CHUNK ? channels - c : CHUNK;
        const int32_t together = by_fours(p) ? count / LANES * LANES : 0;
        if (together > 0) {
            sum_fours(window, c, together, sums);
        }
        for (int32_t k = together; k < count; k++) {
            sums[k] = sum_one(window, c + k);
        }
        store(p, c, count, sums, window->to + c);
    }
}

void stj_depthwise_conv_2d_nibbles_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                                      int32_t y0, int32_t y1) {
    const stj_region rows = {y0, y1, 0, STJ_WHOLE_ROWS};
    compute_region(params, in, out, &rows);
}

void stj_depthwise_conv_2d_nibbles_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                           const stj_pixels_out *out, const stj_region *region) {
    compute_region(params, in, out, region);
}
