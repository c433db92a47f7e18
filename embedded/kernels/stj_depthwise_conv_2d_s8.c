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

#include "stj_pieces.h"
#include "stj_rescale.h"

enum { LANES = 4, CHUNK = 4 * LANES };

/* The window of one position. */
typedef struct {
    const stj_depthwise_conv_2d_params *p;
    const int32_t *bias; /* of windows that may be clipped, and what is taken off their inputs */
    int32_t zero_point;
    int32_t channels; /* of the output */
    int whole;        /* whether all taps are on the image */
    stj_taps taps;
    stj_pieces pieces;
} window;

/* Sums of `count` channels (>= LANES) from `channel` on; one output each. */
STJ_TEMPLATE void sum_channels(const window *window, int whole, int32_t channel, int32_t count, int32_t *sums) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const int32_t zero_point = whole ? 0 : window->zero_point;
    const int32_t *bias = (whole ? p->whole_bias : window->bias) + channel;
    const int32_t right = window->taps.right, step = window->channels;
    for (;;) {
        const int8_t *weights = p->weights + channel, *w = weights;
        uint32_t s0 = (uint32_t)bias[0], s1 = (uint32_t)bias[1], s2 = (uint32_t)bias[2], s3 = (uint32_t)bias[3];
        for (const stj_piece *piece = window->pieces.piece; piece < window->pieces.end; piece++) {
            const int8_t *x = piece->x + channel;
            int32_t taps = piece->taps;
            w = whole ? w : weights + piece->tap * step;
            do { /* modulo 2^32: only whole sums need to fit */
                s0 += (uint32_t)((x[0] - zero_point) * w[0]);
                s1 += (uint32_t)((x[1] - zero_point) * w[1]);
                s2 += (uint32_t)((x[2] - zero_point) * w[2]);
                s3 += (uint32_t)((x[3] - zero_point) * w[3]);
                x += right;
                w += step;
            } while (--taps != 0);
        }
        sums[0] = (int32_t)s0, sums[1] = (int32_t)s1, sums[2] = (int32_t)s2, sums[3] = (int32_t)s3;
        count -= LANES;
        if (count <= 0) {
            break;
        }
        const int32_t next = count < LANES ? count : LANES;
        channel += next;
        bias += next;
        sums += next;
    }
}

static STJ_NOINLINE void sum_whole(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    sum_channels(window, 1, channel, count, sums);
}

static STJ_NOINLINE void sum_clipped(const window *window, int32_t channel, int32_t count, int32_t *sums) {
    sum_channels(window, 0, channel, count, sums);
}

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
