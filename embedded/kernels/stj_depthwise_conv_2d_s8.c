/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D in plain C, a byte for each weight.
 *
 * Four adjacent channels are computed at once, one position after the other: their weights lie side by side in the
 * file's own order. Where all taps of a window are on the image, inputs are taken as stored; what their zero point adds
 * to a sum is in `whole_bias`. Of other windows only the taps on the image count, and sums begin with `bias`.
 *
 * The last four channels may take in some that have been computed before. Less than four channels in all, several
 * outputs per channel and tall windows are computed output by output.
 *
 * Sums of up to CHUNK channels are made before they are rescaled together, so that neither loop is short. */
#include "stj_depthwise_conv_2d_s8.h"

#define TAP(channels) (channels)
#define AT(channel) (channel)
#define WEIGHT(w, k) ((w)[k])
#include "stj_depthwise_run.h"

static STJ_NOINLINE void compute_position(const window *window) {
    int32_t sums[CHUNK];
    for (int32_t done = 0; done < channels_of(window); done += CHUNK) {
        int32_t c = done, count = channels_of(window) - done < CHUNK ? channels_of(window) - done : CHUNK;
        if (!by_fours(window->p)) {
            for (int32_t k = 0; k < count; k++) {
                sums[k] = sum_one(window, c + k);
            }
        } else {
            if (count < LANES) {
                c = channels_of(window) - LANES;
                count = LANES;
            }
            sum_fours(window, c, count, sums);
        }
        store(window->p, c, count, sums, window->to + c);
    }
}

void stj_depthwise_conv_2d_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                              int32_t y0, int32_t y1) {
    const stj_region rows = {y0, y1, 0, STJ_WHOLE_ROWS};
    compute_region(params, in, out, &rows);
}

void stj_depthwise_conv_2d_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                   const stj_pixels_out *out, const stj_region *region) {
    compute_region(params, in, out, region);
}
