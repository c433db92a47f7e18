/* SPDX-License-Identifier: Apache-2.0 */
/* One window after the other by all output channels, four at a time. Blocks of three windows (stj_conv_2d_s8_dsp.c)
 * read weights less often, but need three times the working memory, and calls of one position cannot fill them. The
 * loop is that of stj_vector_packed_dsp.h, 14 instructions for 16 products; a window is made into words as
 * stj_conv_windows_dsp.h has it, in a block of one place:
 *
 *     scratch    A | B of unit 0, A | B of unit 1, ...
 *
 * Where channels are no multiple of four, the window is first had as bytes, in the second half of the scratch: words
 * are made from the first unit on, and what they overwrite has been read.
 */
#include "stj_conv_2d_single_s8_dsp.h"

#include "stj_conv_windows_dsp.h"
#include "stj_rescale_dsp.h"
#include "stj_vector_packed_dsp.h"

enum { BITS = 8 }; /* of the scaled accumulators */

static const stj_conv_words words = {stj_packed_inputs, 1};

STJ_TEMPLATE int8_t rescaled(int32_t sum, const int32_t *scale, int32_t away) {
    return stj_saturated(away ? stj_rescale_scaled_away(sum, scale[0], scale[1], scale[2], BITS)
                              : stj_rescale_scaled(sum, scale[0], scale[1], scale[2]));
}

/* All channels of the window in scratch. What channels that are not there give goes to bytes that nobody reads. */
STJ_TEMPLATE void channels_of(const stj_conv_window *window, int32_t away, int8_t *to) {
    const int32_t units = window->p->units;
    const int32_t *pixels = window->pixels, *stream = window->p->stream;
    int8_t rest[STJ_VECTOR_CHANNELS];
    for (int32_t left = window->p->out_c; left > 0; left -= STJ_VECTOR_CHANNELS, to += STJ_VECTOR_CHANNELS) {
        const stj_vector_sums found = stj_vector_products(pixels, stream, units);
        int8_t *results = left < STJ_VECTOR_CHANNELS ? rest : to;
        results[0] = rescaled(found.sums[0], found.next, away);
        results[1] = rescaled(found.sums[1], found.next + 3, away);
        results[2] = rescaled(found.sums[2], found.next + 6, away);
        results[3] = rescaled(found.sums[3], found.next + 9, away);
        stream = found.next + 3 * STJ_VECTOR_CHANNELS;
        for (int32_t k = 0; left < STJ_VECTOR_CHANNELS && k < left; k++) {
            to[k] = rest[k];
        }
    }
}

static STJ_NOINLINE void compute_exact(const stj_conv_window *window, int8_t *to) { channels_of(window, 0, to); }

static STJ_NOINLINE void compute_away(const stj_conv_window *window, int8_t *to) { channels_of(window, 1, to); }

/* Rescalings are those of stj_product_packed_dsp.h: 1 and 3 correct halves, 2 and 3 have a range of their own. */
static void compute(const stj_conv_window *window, int8_t *to) {
    const stj_conv_2d_dsp_params *p = window->p;
    if ((p->rescaling & 1) != 0) {
        compute_away(window, to);
    } else {
        compute_exact(window, to);
    }
    for (int32_t c = 0; (p->rescaling & 2) != 0 && c < p->out_c; c++) {
        const int32_t raised = to[c] > p->out_min ? to[c] : p->out_min;
        to[c] = (int8_t)(raised < p->out_max ? raised : p->out_max);
    }
}

static stj_conv_window window_of(const stj_conv_2d_dsp_params *p, uint8_t *scratch) {
    return stj_conv_window_of(p, (int32_t *)(void *)scratch, (int8_t *)scratch + STJ_UNIT_INPUTS * p->units);
}

/* Every position reads its own pixel. */
static void compute_pixels(const stj_conv_window *window, const stj_pixels_in *in, const stj_output_run *run) {
    const int32_t channels = window->p->in_c;
    int8_t *to = run->to;
    for (int32_t left = run->count; left > 0;) {
        int32_t count = left;
        const int8_t *x = (const int8_t *)stj_read_pixels(in, run->above + run->y, run->x + run->count - left, &count);
        left -= count;
        for (; count > 0; count--, x += channels, to += window->p->out_c) {
            if ((channels & (STJ_UNIT_INPUTS - 1)) == 0) {
                (void)stj_conv_expand_1(&words, window->pixels, x, channels);
            } else {
                stj_conv_copy_1(window->bytes, x, channels);
                (void)stj_conv_expand_1(&words, window->pixels, window->bytes, STJ_UNIT_INPUTS * window->p->units);
            }
            compute(window, to);
        }
    }
}

static void compute_windows(const stj_conv_window *window, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_conv_2d_dsp_params *p = window->p;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->in_h};
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->in_w};
    int8_t *to = run->to;
    stj_taps taps;
    stj_taps_of_row(&taps, in, &height, p->dilation_w, run->above, run->y);
    if (taps.end_y <= taps.first_y) {
        taps.first_y = taps.end_y = p->kernel_h; /* all of it is padding */
    }
    for (int32_t x = run->x; x < run->x + run->count; x++, to += p->out_c) {
        stj_taps_in_row(&taps, in, &width, x);
        if ((p->in_c & (STJ_UNIT_INPUTS - 1)) == 0) {
            stj_conv_expand_window(&words, window, 0, &taps);
        } else {
            stj_conv_expand_bytes(&words, window, 0, &taps);
        }
        compute(window, to);
    }
}

static STJ_NOINLINE void compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run) {
    const stj_conv_window *window = params;
    if (window->p->pointwise) {
        compute_pixels(window, in, run);
    } else {
        compute_windows(window, in, run);
    }
}

void stj_conv_2d_single_s8_dsp(const stj_conv_2d_dsp_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                               int32_t y1) {
    const stj_conv_2d_dsp_params *p = params;
    const stj_pixels_in raster = {in->data, p->in_c, p->in_w, 0, in->capacity * p->in_w};
    const stj_conv_window window = window_of(p, out[1].data);
    for (int32_t y = y0; y < y1; y++) {
        const stj_output_run run = stj_output_row_of(out, y, p->in_h, p->out_h, p->out_w);
        compute_run(&window, &raster, &run);
    }
}

void stj_conv_2d_single_s8_dsp_tile(const stj_conv_2d_dsp_params *params, const stj_pixels_in *in,
                                    const stj_pixels_out *out, const stj_region *region) {
    const stj_conv_window window = window_of(params, out[1].data);
    stj_over_region(compute_run, &window, in, out, region);
}
