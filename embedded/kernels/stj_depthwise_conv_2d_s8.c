/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D in plain C.
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

#include <stddef.h>

#include "stj_cut.h"
#include "stj_depthwise_sums.h"

/* The sum of one output channel, tap by tap. */
static STJ_NOINLINE int32_t sum_one(const window *window, int32_t channel) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_taps *taps = &window->taps;
    uint32_t sum = (uint32_t)window->bias[channel];
    int32_t offset = taps->offset;
    for (int32_t ky = taps->first_y; ky < taps->end_y; ky++) {
        const int8_t *x = taps->data + offset + channel / p->depth_multiplier;
        const int8_t *w = p->weights + (ky * p->kernel_w + taps->first_x) * window->channels + channel;
        int32_t room = stj_room(taps, offset);
        for (int32_t kx = 0; kx < taps->count; kx++) {
            sum += (uint32_t)((*x - window->zero_point) * *w);
            x += stj_right(taps, &room);
            w += window->channels;
        }
        offset = stj_below(taps, offset);
    }
    return (int32_t)sum;
}

/* All channels of a position; `one_by_one` where they cannot be computed by fours. */
static STJ_NOINLINE void compute_position(const window *window, int one_by_one, int8_t *out) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    const int32_t channels = window->channels;
    int32_t sums[CHUNK];
    for (int32_t done = 0; done < channels; done += CHUNK) {
        int32_t c = done, count = channels - done < CHUNK ? channels - done : CHUNK;
        if (one_by_one) {
            for (int32_t k = 0; k < count; k++) {
                sums[k] = sum_one(window, c + k);
            }
        } else {
            if (count < LANES) {
                c = channels - LANES;
                count = LANES;
            }
            if (window->whole) {
                sum_whole(window, c, count, sums);
            } else {
                sum_clipped(window, c, count, sums);
            }
        }
        stj_store(&rescale, c, count, sums, out + c);
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_depthwise_conv_2d_params *p = params;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    const int rows_whole = stj_rows_whole(in, p->in_w);
    const int one_by_one =
        p->depth_multiplier > 1 || p->in_c < LANES || !stj_pieces_fit(rows_whole, p->kernel_h, p->kernel_w);
    window window;
    window.p = p;
    window.bias = p->bias != NULL ? p->bias : p->whole_bias;
    window.zero_point = p->bias != NULL ? p->in_zero_point : 0;
    window.channels = p->in_c * p->depth_multiplier;
    stj_taps_of_row(&window.taps, in, &height, p->dilation_w, run->above, run->y);
    const int all_rows = window.taps.end_y - window.taps.first_y == p->kernel_h;
    int slides = 0;
    for (int32_t i = 0; i < run->count; i++) {
        const int32_t x = run->x + i;
        const int inside = stj_inside(&width, x);
        if (slides && inside) {
            stj_slide(&window.pieces, p->stride_w * in->pixel_bytes);
        } else {
            stj_taps_in_row(&window.taps, in, &width, x);
            window.whole = all_rows && inside;
            if (!one_by_one) {
                stj_cut(&window.pieces, &window.taps, p->kernel_w);
                slides = rows_whole && inside;
            }
        }
        compute_position(&window, one_by_one, run->to + i * window.channels);
    }
}

void stj_depthwise_conv_2d_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                              int32_t y0, int32_t y1) {
    const stj_pixels_in pixels = stj_rows_as_pixels(in, params->in_w, params->in_c);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &pixels, &run);
    }
}

void stj_depthwise_conv_2d_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                   const stj_pixels_out *out, const stj_region *region) {
    stj_over_region(compute_run, params, in, out, region);
}
