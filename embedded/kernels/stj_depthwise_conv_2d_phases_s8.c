/* SPDX-License-Identifier: Apache-2.0 */
/* DEPTHWISE_CONV_2D in plain C, of an image whose rows come in phases.
 *
 * The window over each phase is dense: row y of the output reads rows y - before, y - before + 1, ... of it. Cut into
 * pieces one phase after the other, with weights in that order, a window is summed as if its rows lay together. */
#include "stj_depthwise_conv_2d_phases_s8.h"

#include <stddef.h>

#define TAP(channels) (channels)
#define AT(channel) (channel)
#define WEIGHT(w, k) ((w)[k])
#include "stj_depthwise_sums.h"

/* Where rows or regions are read from: one of them is there, with a view for each phase. */
typedef struct {
    const stj_in *rows;
    const stj_pixels_in *pixels;
} operands;

static inline stj_pixels_in operand(const stj_depthwise_conv_2d_params *p, const operands *in, int32_t phase) {
    return in->rows != NULL ? stj_rows_as_pixels(&in->rows[phase], p->in_w, p->in_c) : in->pixels[phase];
}

/* Cuts the window of output position (y, x). */
static STJ_NOINLINE void cut(window *window, const operands *in, int32_t y, int32_t x) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    stj_piece *piece = window->pieces.piece;
    int32_t row = 0; /* of taps, in the order of the weights */
    window->whole = stj_inside(&width, x);
    for (int32_t phase = 0; phase < p->stride_h; phase++) {
        const int32_t shift = p->pad_top + phase, before = shift / p->stride_h, first = shift - before * p->stride_h;
        const int32_t taps = (p->kernel_h - first + p->stride_h - 1) / p->stride_h;
        const stj_axis height = {taps, 1, 1, before, (p->in_h - phase + p->stride_h - 1) / p->stride_h};
        const stj_pixels_in pixels = operand(p, in, phase);
        stj_taps_of_row(&window->taps, &pixels, &height, p->dilation_w, 0, y);
        stj_taps_in_row(&window->taps, &pixels, &width, x);
        const int32_t tap = (row + window->taps.first_y) * p->kernel_w + window->taps.first_x;
        piece = stj_cut_from(piece, tap, &window->taps, p->kernel_w);
        window->whole &= window->taps.end_y - window->taps.first_y == taps;
        row += taps;
    }
    window->pieces.end = piece;
}

/* Whether the rows of all phases lie in memory as they are. */
static int rows_whole(const stj_depthwise_conv_2d_params *p, const operands *in) {
    int whole = 1;
    for (int32_t phase = 0; phase < p->stride_h; phase++) {
        const stj_pixels_in pixels = operand(p, in, phase);
        whole &= stj_rows_whole(&pixels, p->in_w);
    }
    return whole;
}

static STJ_NOINLINE void compute_position(const window *window, int8_t *out) {
    const stj_depthwise_conv_2d_params *p = window->p;
    const stj_rescale rescale = {p->multiplier, p->shift, p->out_zero_point, p->out_min, p->out_max};
    const int32_t channels = window->channels;
    int32_t sums[CHUNK];
    for (int32_t done = 0; done < channels; done += CHUNK) {
        int32_t c = done, count = channels - done < CHUNK ? channels - done : CHUNK;
        if (count < LANES) {
            c = channels - LANES;
            count = LANES;
        }
        if (window->whole) {
            sum_whole(window, c, count, sums);
        } else {
            sum_clipped(window, c, count, sums);
        }
        stj_store(&rescale, c, count, sums, out + c);
    }
}

static STJ_NOINLINE void compute_run(const stj_depthwise_conv_2d_params *p, const operands *in,
                                     const stj_output_run *run) {
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    const int can_slide = rows_whole(p, in);
    window window;
    window.p = p;
    window.bias = p->bias != NULL ? p->bias : p->whole_bias;
    window.zero_point = p->bias != NULL ? p->in_zero_point : 0;
    window.channels = p->in_c;
    int slides = 0;
    for (int32_t i = 0; i < run->count; i++) {
        const int32_t x = run->x + i;
        const int inside = stj_inside(&width, x);
        if (slides && inside) {
            stj_slide(&window.pieces, p->stride_w * p->in_c);
        } else {
            cut(&window, in, run->y, x);
            slides = can_slide && inside;
        }
        compute_position(&window, run->to + i * p->in_c);
    }
}

void stj_depthwise_conv_2d_phases_s8(const stj_depthwise_conv_2d_params *params, const stj_in *in, const stj_out *out,
                                     int32_t y0, int32_t y1) {
    const operands rows = {in, NULL};
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, params->in_h, params->out_h, params->out_w);
        compute_run(params, &rows, &run);
    }
}

void stj_depthwise_conv_2d_phases_s8_tile(const stj_depthwise_conv_2d_params *params, const stj_pixels_in *in,
                                          const stj_pixels_out *out, const stj_region *region) {
    const operands pixels = {NULL, in};
    for (int32_t y = region->y0; y < region->y1; y++) {
        for (int32_t x = region->x0; x < region->x1;) {
            const stj_output_run run = stj_output_run_of(out, y, x, region->x1);
            compute_run(params, &pixels, &run);
            x += run.count;
        }
    }
}
