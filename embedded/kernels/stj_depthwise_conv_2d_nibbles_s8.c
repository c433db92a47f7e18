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

/* The sum of one output channel of a window that has been cut into pieces. */
static STJ_NOINLINE int32_t sum_single(const window *window, int32_t channel) {
    const int8_t *weights = window->p->weights;
    const int32_t step = TAP(window->channels);
    uint32_t sum = (uint32_t)window->bias[channel];
    for (const stj_piece *piece = window->pieces.piece; piece < window->pieces.end; piece++) {
        const int8_t *x = piece->x + channel, *w = weights + piece->tap * step;
        for (int32_t taps = piece->taps; taps > 0; taps--) {
            sum += (uint32_t)((*x - window->zero_point) * WEIGHT(w, channel));
            x += window->taps.right;
            w += step;
        }
    }
    return (int32_t)sum;
}

static STJ_NOINLINE void compute_position(const window *window, int one_by_one, int8_t *out) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    int32_t sums[CHUNK];
    for (int32_t c = 0; c < window->channels; c += CHUNK) {
        const int32_t count = window->channels - c < CHUNK ? window->channels - c : CHUNK;
        const int32_t by_fours = one_by_one ? 0 : count / LANES * LANES;
        if (by_fours > 0 && window->whole) {
            sum_whole(window, c, by_fours, sums);
        } else if (by_fours > 0) {
            sum_clipped(window, c, by_fours, sums);
        }
        for (int32_t k = by_fours; k < count; k++) {
            sums[k] = one_by_one ? sum_one(window, c + k) : sum_single(window, c + k);
        }
        stj_store(&rescale, c, count, sums, out + c);
    }
}

void stj_depthwise_conv_2d_nibbles_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                                      int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_depthwise_conv_2d_nibbles_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                           const stj_pixels_out *out, const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
