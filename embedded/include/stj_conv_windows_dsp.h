/* SPDX-License-Identifier: Apache-2.0 */
/* Windows of a CONV_2D as the words of a product (stj_product_dsp.h). A block has room for some of them; of each unit
 * of four inputs, its words A of all places come first, and then its words B.
 *
 * A window is a row of inputs in the order of the weights: taps by row and column, the channels of each. Padding holds
 * the input's zero point there, as real data, since zero points are part of the bias. */
#ifndef STJ_CONV_WINDOWS_DSP_H
#define STJ_CONV_WINDOWS_DSP_H

#include "stj_conv_2d_dsp.h"
#include "stj_dsp.h"
#include "stj_taps.h"

/* What all windows of a call share. */
typedef struct {
    const stj_conv_2d_dsp_params *p;
    int32_t *pixels; /* words of the block */
    int8_t *bytes;   /* a window as bytes, where channels are no multiple of four */
    int32_t piece;   /* bytes of taps that lie side by side: a row of the window without dilation, else one tap */
    int32_t pieces;  /* in a row of the window */
} stj_conv_window;

/* How a kernel has windows: A and B of four inputs, and the places of a block. */
typedef struct {
    void (*inputs)(int32_t bytes, int32_t *a, int32_t *b);
    int32_t places;
} stj_conv_words;

static inline stj_conv_window stj_conv_window_of(const stj_conv_2d_dsp_params *p, int32_t *pixels, int8_t *bytes) {
    stj_conv_window window;
    window.p = p;
    window.pixels = pixels;
    window.bytes = bytes;
    window.pieces = p->dilation_w == 1 ? 1 : p->kernel_w;
    window.piece = p->dilation_w == 1 ? p->kernel_w * p->in_c : p->in_c;
    return window;
}

/* Inputs of one window, from `x` on, into their places of a block. */
STJ_TEMPLATE int32_t *stj_conv_expand_1(const stj_conv_words *words, int32_t *to, const int8_t *x, int32_t inputs) {
    for (const int8_t *end = x + inputs; x < end; x += STJ_UNIT_INPUTS, to += 2 * words->places) {
        words->inputs(stj_load_word(x), to, to + words->places);
    }
    return to;
}

/* The same of padding, for `pixels` neighbours. */
STJ_TEMPLATE int32_t *stj_conv_pad(const stj_conv_words *words, int32_t *to, int32_t zero_point, int32_t inputs,
                                   int32_t pixels) {
    if (inputs == 0) {
        return to;
    }
    int32_t a, b;
    words->inputs((int32_t)((uint32_t)(uint8_t)zero_point * 0x01010101u), &a, &b);
    for (int32_t i = 0; i < inputs; i += STJ_UNIT_INPUTS, to += 2 * words->places) {
        for (int32_t pixel = 0; pixel < pixels; pixel++) {
            to[pixel] = a;
            to[words->places + pixel] = b;
        }
    }
    return to;
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

/* A part of a row of taps that lies side by side in memory, and what follows it: at most `left` bytes. */
static inline int32_t stj_conv_part(const stj_conv_window *window, int32_t left, int32_t room) {
    const int32_t part = window->pieces == 1 ? left : window->p->in_c;
    return part < room ? part : room;
}

/* From a part to the next one of its row. */
static inline const int8_t *stj_conv_next(const stj_conv_window *window, const stj_taps *taps, const int8_t *x,
                                          int32_t part, int32_t *room) {
    if (window->pieces > 1) {
        return x + stj_right(taps, room);
    }
    *room -= part;
    if (*room > 0) {
        return x + part;
    }
    *room += taps->turn;
    return x + part - taps->turn;
}

/* One window into a place of the block, row of taps by row of taps: padding, what is on the image, padding. */
STJ_TEMPLATE void stj_conv_expand_window(const stj_conv_words *words, const stj_conv_window *window, int32_t place,
                                         const stj_taps *taps) {
    const stj_conv_2d_dsp_params *p = window->p;
    const int32_t row = p->kernel_w * p->in_c;
    const int32_t inside = taps->count * p->in_c;
    const int32_t before = inside > 0 ? taps->first_x * p->in_c : row;
    int32_t *to = window->pixels + place;
    int32_t offset = taps->offset;
    to = stj_conv_pad(words, to, p->in_zero_point, taps->first_y * row, 1);
    for (int32_t y = taps->first_y; y < taps->end_y; y++) {
        const int8_t *x = taps->data + offset;
        int32_t room = stj_room(taps, offset);
        to = stj_conv_pad(words, to, p->in_zero_point, before, 1);
        for (int32_t left = inside; left > 0;) {
            const int32_t part = stj_conv_part(window, left, room);
            to = stj_conv_expand_1(words, to, x, part);
            left -= part;
            x = left > 0 ? stj_conv_next(window, taps, x, part, &room) : x;
        }
        to = stj_conv_pad(words, to, p->in_zero_point, row - before - inside, 1);
        offset = stj_below(taps, offset);
    }
    stj_conv_pad(words, to, p->in_zero_point, (p->kernel_h - taps->end_y) * row, 1);
}

/* The same where channels are no whole words: first as bytes. */
STJ_TEMPLATE void stj_conv_expand_bytes(const stj_conv_words *words, const stj_conv_window *window, int32_t place,
                                        const stj_taps *taps) {
    const stj_conv_2d_dsp_params *p = window->p;
    const int32_t row = p->kernel_w * p->in_c;
    const int32_t inside = taps->count * p->in_c;
    int8_t *bytes = window->bytes + taps->first_y * row + (inside > 0 ? taps->first_x * p->in_c : 0);
    int32_t offset = taps->offset;
    stj_conv_pad_bytes(window->bytes, 0, p->in_zero_point, p->kernel_h * row, 1);
    for (int32_t y = taps->first_y; y < taps->end_y; y++, bytes += row - inside) {
        const int8_t *x = taps->data + offset;
        int32_t room = stj_room(taps, offset);
        for (int32_t left = inside; left > 0;) {
            const int32_t part = stj_conv_part(window, left, room);
            stj_conv_copy_1(bytes, x, part);
            bytes += part;
            left -= part;
            x = left > 0 ? stj_conv_next(window, taps, x, part, &room) : x;
        }
        offset = stj_below(taps, offset);
    }
    stj_conv_expand_1(words, window->pixels + place, window->bytes, p->units * STJ_UNIT_INPUTS);
}

#endif
