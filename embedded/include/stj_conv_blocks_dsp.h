/* SPDX-License-Identifier: Apache-2.0 */
/* CONV_2D as products of weights with blocks of three output positions. A kernel gives the product: that of
 * stj_product_packed_dsp.h or that of stj_product_wide_dsp.h.
 *
 * A window is a row of inputs in the order of the weights: taps by row and column, the channels of each. Padding holds
 * the input's zero point there, as real data, since zero points are part of the bias. A call makes two passes over its
 * output positions:
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

#include "stj_conv_2d_dsp.h"
#include "stj_product_dsp.h"
#include "stj_taps.h"

/* A call: what all its blocks share. */
typedef struct {
    const stj_conv_2d_dsp_params *p;
    int32_t *pixels;
    stj_block *block;
    int8_t *bytes;      /* windows as bytes, each of one unit more than `units` */
    int32_t piece;      /* bytes of taps that lie side by side: a row of the window without dilation, else one tap */
    int32_t pieces;     /* in a row of the window */
    int32_t collected;  /* windows that wait for a block */
    int32_t skip;       /* units that the product leaves out first */
    const int32_t *odd; /* the last pair of the stream if channels are odd, else its end */
} stj_conv_call;

/* What a kernel puts together of this file and a product; the last two are functions of this file, kept out of line. */
typedef struct {
    void (*inputs)(int32_t bytes, int32_t *a, int32_t *b);
    void (*expand)(int32_t *to, const int8_t *x, int32_t step, int32_t units);
    void (*block)(const stj_conv_call *call, int32_t pixels);
    void (*run)(stj_conv_call *call, const stj_pixels_in *in, const stj_output_run *run, int32_t pass);
} stj_product;

static inline stj_conv_call stj_conv_call_of(const stj_conv_2d_dsp_params *p, uint8_t *scratch) {
    stj_conv_call call;
    call.p = p;
    call.pixels = (int32_t *)(void *)scratch;
    call.block = (stj_block *)(void *)(call.pixels + STJ_UNIT_WORDS * p->units);
    call.bytes = (int8_t *)(call.block + 1);
    call.pieces = p->dilation_w == 1 ? 1 : p->kernel_w;
    call.piece = p->dilation_w == 1 ? p->kernel_w * p->in_c : p->in_c;
    call.collected = 0;
    call.odd = p->stream + p->words - ((p->out_c & 1) != 0 ? p->words / (p->out_c / 2 + 1) : 0);
    call.skip = stj_skipped_units(p->units);
    call.block->pixels = call.pixels;
    call.block->end = call.odd;
    call.block->units = p->units;
    call.block->low = p->out_min;
    call.block->high = p->out_max;
    return call;
}

/* Inputs of one window, from `x` on, into their places of a block. */
STJ_TEMPLATE int32_t *stj_conv_expand_1(const stj_product *product, int32_t *to, const int8_t *x, int32_t inputs) {
    for (const int8_t *end = x + inputs; x < end; x += STJ_UNIT_INPUTS, to += STJ_UNIT_WORDS) {
        product->inputs(stj_load_word(x), to, to + STJ_BLOCK_PIXELS);
    }
    return to;
}

/* The same of padding, for `pixels` neighbours. */
STJ_TEMPLATE int32_t *stj_conv_pad(const stj_product *product, int32_t *to, int32_t zero_point, int32_t inputs,
                                   int32_t pixels) {
    if (inputs == 0) {
        return to;
    }
    int32_t a, b;
    product->inputs((int32_t)((uint32_t)(uint8_t)zero_point * 0x01010101u), &a, &b);
    for (int32_t i = 0; i < inputs; i += STJ_UNIT_INPUTS, to += STJ_UNIT_WORDS) {
        for (int32_t pixel = 0; pixel < pixels; pixel++) {
            to[pixel] = a;
            to[STJ_BLOCK_PIXELS + pixel] = b;
        }
    }
    return to;
}

/* All channels of a block, in pairs, by the product of so many pixels. */
STJ_TEMPLATE void stj_conv_block(stj_product_of_block *one, stj_product_of_block *two, stj_product_of_block *three,
                                 const int32_t *stream, const stj_conv_call *call, int32_t pixels) {
    if (pixels == STJ_BLOCK_PIXELS) {
        three(stream, call->block, call->skip, call->p->rescaling);
    } else if (pixels == 2) {
        two(stream, call->block, call->skip, call->p->rescaling);
    } else {
        one(stream, call->block, call->skip, call->p->rescaling);
    }
}

/* The same where channels are odd: what the partner of the last one gives goes to bytes that nobody reads. */
STJ_TEMPLATE void stj_conv_odd_block(stj_product_of_block *one, stj_product_of_block *two, stj_product_of_block *three,
                                     const stj_conv_call *call, int32_t pixels) {
    stj_block *block = call->block;
    int8_t *to[STJ_BLOCK_PIXELS];
    int8_t both[2 * STJ_BLOCK_PIXELS];
    if (call->odd != call->p->stream) {
        stj_conv_block(one, two, three, call->p->stream, call, pixels);
    }
    for (int32_t i = 0; i < pixels; i++) {
        to[i] = block->to[i];
        block->to[i] = both + 2 * i;
    }
    block->end = call->p->stream + call->p->words;
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

/* Copies just so many bytes. */
static inline void stj_conv_copy_1(int8_t *to, const int8_t *x, int32_t bytes) {
    const int8_t *end = x + (bytes & ~3);
    for (; x < end; x += STJ_UNIT_INPUTS, to += STJ_UNIT_INPUTS) {
        memcpy(to, x, STJ_UNIT_INPUTS);
    }
    if ((bytes & 2) != 0) {
        memcpy(to, x, 2);
    }
    if ((bytes & 1) != 0) {
        to[bytes & 2] = x[bytes & 2];
    }
}

/* Fills `windows` windows as bytes, up to three bytes more than asked for. */
static inline void stj_conv_pad_bytes(int8_t *to, int32_t window, int32_t zero_point, int32_t bytes, int32_t windows) {
    const uint32_t padding = (uint32_t)(uint8_t)zero_point * 0x01010101u;
    for (int32_t i = 0; bytes > 0 && i < windows; i++, to += window) {
        for (int32_t k = 0; k < bytes; k += STJ_UNIT_INPUTS) {
            memcpy(to + k, &padding, sizeof padding);
        }
    }
}

/* Three neighbours, the first with its first tap at `offset`, the next `step` bytes further on: no tap beside the
 * image, no wrap within a row of taps. */
STJ_TEMPLATE void stj_conv_expand_3(const stj_product *product, const stj_conv_call *call, const stj_taps *taps,
                                    int32_t offset, int32_t step) {
    const stj_conv_2d_dsp_params *p = call->p;
    const int32_t row = call->pieces * call->piece;
    if ((call->piece & 3) == 0) {
        const int32_t units = call->piece / STJ_UNIT_INPUTS;
        int32_t *to = call->pixels;
        to = stj_conv_pad(product, to, p->in_zero_point, taps->first_y * row, STJ_BLOCK_PIXELS);
        for (int32_t y = taps->first_y; y < taps->end_y; y++) {
            const int8_t *x = taps->data + offset;
            for (int32_t i = 0; i < call->pieces; i++, to += STJ_UNIT_WORDS * units, x += taps->right) {
                product->expand(to, x, step, units);
            }
            offset = stj_below(taps, offset);
        }
        stj_conv_pad(product, to, p->in_zero_point, (p->kernel_h - taps->end_y) * row, STJ_BLOCK_PIXELS);
        return;
    }
    const int32_t window = (p->units + 1) * STJ_UNIT_INPUTS;
    int8_t *bytes = call->bytes + taps->first_y * row;
    stj_conv_pad_bytes(call->bytes, window, p->in_zero_point, taps->first_y * row, STJ_BLOCK_PIXELS);
    for (int32_t y = taps->first_y; y < taps->end_y; y++) {
        const int8_t *x = taps->data + offset;
        for (int32_t i = 0; i < call->pieces; i++, bytes += call->piece, x += taps->right) {
            stj_conv_copy_3(bytes, window, x, step, call->piece);
        }
        offset = stj_below(taps, offset);
    }
    stj_conv_pad_bytes(bytes, window, p->in_zero_point, (p->kernel_h - taps->end_y) * row, STJ_BLOCK_PIXELS);
    product->expand(call->pixels, call->bytes, window, p->units);
}

/* A part of a row of taps that lies side by side in memory, and what follows it: at most `left` bytes. */
static inline int32_t stj_conv_part(const stj_conv_call *call, int32_t left, int32_t room) {
    const int32_t part = call->pieces == 1 ? left : call->p->in_c;
    return part < room ? part : room;
}

/* From a part to the next one of its row. */
static inline const int8_t *stj_conv_next(const stj_conv_call *call, const stj_taps *taps, const int8_t *x,
                                          int32_t part, int32_t *room) {
    if (call->pieces > 1) {
        return x + stj_right(taps, room);
    }
    *room -= part;
    if (*room > 0) {
        return x + part;
    }
    *room += taps->turn;
    return x + part - taps->turn;
}

/* One window into the next place of the block, row of taps by row of taps: padding, what is on the image, padding. */
STJ_TEMPLATE void stj_conv_expand_window(const stj_product *product, const stj_conv_call *call, const stj_taps *taps) {
    const stj_conv_2d_dsp_params *p = call->p;
    const int32_t row = p->kernel_w * p->in_c;
    const int32_t inside = taps->count * p->in_c;
    const int32_t before = inside > 0 ? taps->first_x * p->in_c : row;
    int32_t *to = call->pixels + call->collected;
    int32_t offset = taps->offset;
    to = stj_conv_pad(product, to, p->in_zero_point, taps->first_y * row, 1);
    for (int32_t y = taps->first_y; y < taps->end_y; y++) {
        const int8_t *x = taps->data + offset;
        int32_t room = stj_room(taps, offset);
        to = stj_conv_pad(product, to, p->in_zero_point, before, 1);
        for (int32_t left = inside; left > 0;) {
            const int32_t part = stj_conv_part(call, left, room);
            to = stj_conv_expand_1(product, to, x, part);
            left -= part;
            x = left > 0 ? stj_conv_next(call, taps, x, part, &room) : x;
        }
        to = stj_conv_pad(product, to, p->in_zero_point, row - before - inside, 1);
        offset = stj_below(taps, offset);
    }
    stj_conv_pad(product, to, p->in_zero_point, (p->kernel_h - taps->end_y) * row, 1);
}

/* The same where channels are no whole words: first as bytes. */
STJ_TEMPLATE void stj_conv_expand_bytes(const stj_product *product, const stj_conv_call *call, const stj_taps *taps) {
    const stj_conv_2d_dsp_params *p = call->p;
    const int32_t row = p->kernel_w * p->in_c;
    const int32_t inside = taps->count * p->in_c;
    int8_t *bytes = call->bytes + taps->first_y * row + (inside > 0 ? taps->first_x * p->in_c : 0);
    int32_t offset = taps->offset;
    stj_conv_pad_bytes(call->bytes, 0, p->in_zero_point, p->kernel_h * row, 1);
    for (int32_t y = taps->first_y; y < taps->end_y; y++, bytes += row - inside) {
        const int8_t *x = taps->data + offset;
        int32_t room = stj_room(taps, offset);
        for (int32_t left = inside; left > 0;) {
            const int32_t part = stj_conv_part(call, left, room);
            stj_conv_copy_1(bytes, x, part);
            bytes += part;
            left -= part;
            x = left > 0 ? stj_conv_next(call, taps, x, part, &room) : x;
        }
        offset = stj_below(taps, offset);
    }
    stj_conv_expand_1(product, call->pixels + call->collected, call->bytes, p->units * STJ_UNIT_INPUTS);
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
    const stj_conv_2d_dsp_params *p = call->p;
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
        const int32_t past = -call->piece & (STJ_UNIT_INPUTS - 1); /* read by words, but not past the last row */
        const int32_t room = stj_conv_room(&taps) - reach - past;
        if (room < (STJ_BLOCK_PIXELS * blocks - 1) * step) {
            blocks = room < 0 ? 0 : (room / step + 1) / STJ_BLOCK_PIXELS;
        }
    }
    if (pass == 1) {
        const int one_piece = p->kernel_h * call->pieces == 1 && (call->piece & 3) == 0 && taps.first_y == 0;
        int8_t *to = run->to + (first - run->x) * p->out_c;
        int32_t offset = taps.offset;
        for (int32_t i = 0; i < blocks; i++, offset += STJ_BLOCK_PIXELS * step) {
            if (one_piece) {
                product->expand(call->pixels, taps.data + offset, step, p->units);
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
                stj_conv_expand_window(product, call, &taps);
            } else {
                stj_conv_expand_bytes(product, call, &taps);
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
