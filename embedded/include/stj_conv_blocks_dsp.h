/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D as products of weights with blocks of three output positions. A kernel gives the product: that of
 * stj_product_packed_dsp.h or that of stj_product_wide_dsp.h.
 *
 * How a window becomes words is in stj_conv_windows_dsp.h. A call makes two passes over its output positions:
 *
 *     1. three neighbours whose taps lie in memory without a gap or a wrap: whole rows of taps are expanded at once;
 *     2. what is left of each row, one window after the other into the next of the three places of a block. Here are
 *        edges of the image, wraps of rings and remainders of rows; blocks of them run on from row to row.
 *
 * Scratch: the pixels of a block, the stj_block behind them and, where channels are no multiple of four, one or three
 * windows as bytes.
 */
#ifndef STJ_CONV_BLOCKS_DSP_H
#define STJ_CONV_BLOCKS_DSP_H

#include "stj_conv_windows_dsp.h"
#include "stj_product_dsp.h"

/* A call: what all its blocks share. `bytes` are one or three windows, each of one unit more than `units`. */
typedef struct {
    stj_conv_window window;
    stj_block *block;
    int32_t collected;  /* windows that wait for a block */
    int32_t skip;       /* units that the product leaves out first */
    const int32_t *odd; /* the last pair of the stream if channels are odd, else its end */
} stj_conv_call;

/* What a kernel puts together of this file and a product; the last two are functions of this file, kept out of line. */
typedef struct {
    stj_conv_words words;
    void (*expand)(int32_t *to, const int8_t *x, int32_t step, int32_t units);
    void (*block)(const stj_conv_call *call, int32_t pixels);
    void (*run)(stj_conv_call *call, const stj_pixels_in *in, const stj_output_run *run, int32_t pass);
} stj_product;

static inline stj_conv_call stj_conv_call_of(const stj_conv_2d_dsp_params *p, uint8_t *scratch) {
    stj_conv_call call;
    int32_t *pixels = (int32_t *)(void *)scratch;
    call.block = (stj_block *)(void *)(pixels + STJ_UNIT_WORDS * p->units);
    call.window = stj_conv_window_of(p, pixels, (int8_t *)(call.block + 1));
    call.collected = 0;
    call.odd = p->stream + p->words - ((p->out_c & 1) != 0 ? p->words / (p->out_c / 2 + 1) : 0);
    call.skip = stj_skipped_units(p->units);
    call.block->pixels = pixels;
    call.block->end = call.odd;
    call.block->units = p->units;
    call.block->low = p->out_min;
    call.block->high = p->out_max;
    return call;
}

/* All channels of a block, in pairs, by the product of so many pixels. */
STJ_TEMPLATE void stj_conv_block(stj_product_of_block *one, stj_product_of_block *two, stj_product_of_block *three,
                                 const int32_t *stream, const stj_conv_call *call, int32_t pixels) {
    if (pixels == STJ_BLOCK_PIXELS) {
        three(stream, call->block, call->skip, call->window.p->rescaling);
    } else if (pixels == 2) {
        two(stream, call->block, call->skip, call->window.p->rescaling);
    } else {
        one(stream, call->block, call->skip, call->window.p->rescaling);
    }
}

/* The same where channels are odd: what the partner of the last one gives goes to bytes that nobody reads. */
STJ_TEMPLATE void stj_conv_odd_block(stj_product_of_block *one, stj_product_of_block *two, stj_product_of_block *three,
                                     const stj_conv_call *call, int32_t pixels) {
    stj_block *block = call->block;
    int8_t *to[STJ_BLOCK_PIXELS];
    int8_t both[2 * STJ_BLOCK_PIXELS];
    if (call->odd != call->window.p->stream) {
        stj_conv_block(one, two, three, call->window.p->stream, call, pixels);
    }
    for (int32_t i = 0; i < pixels; i++) {
        to[i] = block->to[i];
        block->to[i] = both + 2 * i;
    }
    block->end = call->window.p->stream + call->window.p->words;
    stj_conv_block(one, two, three, call->odd, call, pixels);
    block->end = call->odd;
    for (int32_t i = 0; i < pixels; i++) {
        *to[i] = both[2 * i];
    }
}

/* Copies bytes of three neighbours to windows of `window` bytes, by whole words: up to three bytes more than asked for.
 * What comes there is copied after them, or meets weights of 0. */
static inline void stj_conv_copy_3(int8_t *to, int32_t window, const int8_t *x, int32_t step, int32_t bytes) {
    for (const int8_t *end = x + bytes; x < end; x += STJ_UNIT_INPUTS, to += STJ_UNIT_INPUTS) {
        const int32_t words[STJ_BLOCK_PIXELS] = {stj_load_word(x), stj_load_word(x + step),
                                                 stj_load_word(x + 2 * step)};
        memcpy(to, &words[0], sizeof words[0]);
        memcpy(to + window, &words[1], sizeof words[1]);
        memcpy(to + 2 * window, &words[2], sizeof words[2]);
    }
}

/* Three neighbours, the first with its first tap at `offset`, the next `step` bytes further on: no tap beside the
 * image, no wrap within a row of taps. */
STJ_TEMPLATE void stj_conv_expand_3(const stj_product *product, const stj_conv_call *call, const stj_taps *taps,
                                    int32_t offset, int32_t step) {
    const stj_conv_2d_dsp_params *p = call->window.p;
    const int32_t row = call->window.pieces * call->window.piece;
    if ((call->window.piece & 3) == 0) {
        const int32_t units = call->window.piece / STJ_UNIT_INPUTS;
        int32_t *to = call->window.pixels;
        to = stj_conv_pad(&product->words, to, p->in_zero_point, taps->first_y * row, STJ_BLOCK_PIXELS);
        for (int32_t y = taps->first_y; y < taps->end_y; y++) {
            const int8_t *x = taps->data + offset;
            for (int32_t i = 0; i < call->window.pieces; i++, to += STJ_UNIT_WORDS * units, x += taps->right) {
                product->expand(to, x, step, units);
            }
            offset = stj_below(taps, offset);
        }
        stj_conv_pad(&product->words, to, p->in_zero_point, (p->kernel_h - taps->end_y) * row, STJ_BLOCK_PIXELS);
        return;
    }
    const int32_t window = (p->units + 1) * STJ_UNIT_INPUTS;
    int8_t *bytes = call->window.bytes + taps->first_y * row;
    stj_conv_pad_bytes(call->window.bytes, window, p->in_zero_point, taps->first_y * row, STJ_BLOCK_PIXELS);
    for (int32_t y = taps->first_y; y < taps->end_y; y++) {
        const int8_t *x = taps->data + offset;
        for (int32_t i = 0; i < call->window.pieces; i++, bytes += call->window.piece, x += taps->right) {
            stj_conv_copy_3(bytes, window, x, step, call->window.piece);
        }
        offset = stj_below(taps, offset);
    }
    stj_conv_pad_bytes(bytes, window, p->in_zero_point, (p->kernel_h - taps->end_y) * row, STJ_BLOCK_PIXELS);
    product->expand(call->window.pixels, call->window.bytes, window, p->units);
}

/* The least bytes from a row of taps to the wrap that follows it, over all rows on the image. */
static inline int32_t stj_conv_room(const stj_taps *taps) {
    int32_t least = INT32_MAX;
    int32_t offset = taps->offset;
    for (int32_t y = taps->first_y; y < taps->end_y; y++) {
        const int32_t room = stj_room(taps, offset);
        least = room < least ? room : least;
        offset = stj_below(taps, offset);
    }
    return least;
}

/* Pass 1 or 2 over a run. */
STJ_TEMPLATE void stj_conv_run(const stj_product *product, stj_conv_call *call, const stj_pixels_in *in,
                               const stj_output_run *run, int32_t pass) {
    const stj_conv_2d_dsp_params *p = call->window.p;
    const int32_t everywhere = INT32_MAX;
    const stj_axis height = {p->kernel_h, p->stride_h, p->dilation_h, p->pad_top, p->pointwise ? everywhere : p->in_h};
    const stj_axis width = {p->kernel_w, p->stride_w, p->dilation_w, p->pad_left, p->pointwise ? everywhere : p->in_w};
    const int32_t end = run->x + run->count;
    const int32_t first = run->x < p->inner_x0 ? p->inner_x0 : run->x;
    const int32_t limit = p->pointwise || end < p->inner_x1 ? end : p->inner_x1;
    const int32_t step = p->stride_w * in->pixel_bytes;
    stj_taps taps;
    stj_taps_of_row(&taps, in, &height, p->dilation_w, run->above, run->y);
    if (taps.end_y <= taps.first_y) {
        taps.first_y = taps.end_y = p->kernel_h; /* all of it is padding */
    }
    int32_t blocks = 0;
    if (limit - first >= STJ_BLOCK_PIXELS) {
        stj_taps_in_row(&taps, in, &width, first);
        blocks = (limit - first) / STJ_BLOCK_PIXELS;
        const int32_t reach = (p->kernel_w - 1) * taps.right + in->pixel_bytes;
        const int32_t past = -call->window.piece & (STJ_UNIT_INPUTS - 1); /* read by words, but not past the last row */
        const int32_t room = stj_conv_room(&taps) - reach - past;
        if (room < (STJ_BLOCK_PIXELS * blocks - 1) * step) {
            blocks = room < 0 ? 0 : (room / step + 1) / STJ_BLOCK_PIXELS;
        }
    }
    if (pass == 1) {
        const int one_piece =
            p->kernel_h * call->window.pieces == 1 && (call->window.piece & 3) == 0 && taps.first_y == 0;
        int8_t *to = run->to + (first - run->x) * p->out_c;
        int32_t offset = taps.offset;
        for (int32_t i = 0; i < blocks; i++, offset += STJ_BLOCK_PIXELS * step) {
            if (one_piece) {
                product->expand(call->window.pixels, taps.data + offset, step, p->units);
            } else {
                stj_conv_expand_3(product, call, &taps, offset, step);
            }
            for (int32_t k = 0; k < STJ_BLOCK_PIXELS; k++, to += p->out_c) {
                call->block->to[k] = to;
            }
            product->block(call, STJ_BLOCK_PIXELS);
        }
        return;
    }
    for (int32_t x = run->x; x < end; x++) {
        x += blocks > 0 && x == first ? STJ_BLOCK_PIXELS * blocks : 0;
        if (x < end) {
            stj_taps_in_row(&taps, in, &width, x);
            if ((p->in_c & 3) == 0) {
                stj_conv_expand_window(&product->words, &call->window, call->collected, &taps);
            } else {
                stj_conv_expand_bytes(&product->words, &call->window, call->collected, &taps);
            }
            call->block->to[call->collected++] = run->to + (x - run->x) * p->out_c;
            if (call->collected == STJ_BLOCK_PIXELS) {
                product->block(call, STJ_BLOCK_PIXELS);
                call->collected = 0;
            }
        }
    }
}

/* Output rows [y0, y1); where positions are pointwise, all rows up to the next wrap are one run. */
STJ_TEMPLATE void stj_conv_rows(const stj_product *product, const stj_conv_2d_dsp_params *p, const stj_in *in,
                                const stj_out *out, int32_t y0, int32_t y1) {
    const stj_pixels_in raster = {in->data, p->in_c, p->in_w, 0, in->capacity * p->in_w};
    stj_conv_call call = stj_conv_call_of(p, out[1].data);
    for (int32_t pass = 1; pass <= 2; pass++) {
        for (int32_t y = y0; y < y1;) {
            stj_output_run run = stj_output_row_of(out, y, p->in_h, p->out_h, p->out_w);
            int32_t rows = 1;
            if (p->pointwise) {
                const int32_t unread = in->capacity - y % in->capacity, unwritten = out->capacity - y % out->capacity;
                rows = y1 - y < unread ? y1 - y : unread;
                rows = rows < unwritten ? rows : unwritten;
                run.above = 0;
                run.y = y;
                run.count *= rows;
            }
            product->run(&call, &raster, &run, pass);
            y += rows;
        }
    }
    if (call.collected > 0) {
        product->block(&call, call.collected);
    }
}

/* A region of one image. */
STJ_TEMPLATE void stj_conv_region(const stj_product *product, const stj_conv_2d_dsp_params *p, const stj_pixels_in *in,
                                  const stj_pixels_out *out, const stj_region *region) {
    stj_conv_call call = stj_conv_call_of(p, out[1].data);
    for (int32_t pass = 1; pass <= 2; pass++) {
        for (int32_t y = region->y0; y < region->y1; y++) {
            for (int32_t x = region->x0; x < region->x1;) {
                const stj_output_run run = stj_output_run_of(out, y, x, region->x1);
                product->run(&call, in, &run, pass);
                x += run.count;
            }
        }
    }
    if (call.collected > 0) {
        product->block(&call, call.collected);
    }
}

#endif
