/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions by blocks of positions (stj_conv_blocks_dsp.h): streams of words that keep to C6, scratch of just its
 * size. Channels fill whole words, so that nothing is read behind a row; rows of taps that do not have the three bytes
 * behind them that the kernel asks for. */
#ifndef BLOCKS_H
#define BLOCKS_H

#include "stj_conv_2d_dsp.h"
#include "windows.h"

enum { BLOCK_BYTES = 64 };

typedef struct {
    stj_conv_2d_dsp_params params;
    void *scratch;
    int32_t scratch_bytes;
} blocks;

/* Whether every position reads its own pixel alone. */
static int is_pointwise(const layer *l) {
    const axis *h = &l->height, *w = &l->width;
    return h->taps * w->taps * h->stride * w->stride == 1 && h->before + w->before == 0 && h->out == h->extent &&
           w->out == w->extent;
}

static int32_t units_of(const layer *l) { return (l->height.taps * l->width.taps * l->in_c + 3) / 4; }

static blocks blocks_of(const layer *l, int32_t rescaling, const int32_t *stream, int32_t words,
                        int32_t scratch_bytes) {
    const axis *w = &l->width;
    int32_t first = 0, end = 0;
    for (int32_t x = 0; x < w->out; x++) {
        const int32_t start = x * w->stride - w->before;
        first = start < 0 ? x + 1 : first;
        end = start + (w->taps - 1) * w->dilation < w->extent ? x + 1 : end;
    }
    const blocks made = {{stream, words, units_of(l), rescaling, IMAGES(l), l->out_c, WINDOW(l), first,
                          end > first ? end : first, is_pointwise(l), unknown(-128, 127), unknown(-128, 127),
                          unknown(-128, 0), unknown(1, 127)},
                         unknown_bytes(scratch_bytes),
                         scratch_bytes};
    return made;
}

/* `wide`: two words for each unit of a channel; `shifts`: a third word of rescaling. */
static inline blocks make_blocks(const layer *l, int32_t rescaling, int wide, int shifts) {
    const int32_t units = units_of(l), pairs = (l->out_c + 1) / 2;
    const int32_t weights = 2 * units * (wide ? 2 : 1), pair = 2 + weights + 2 * (shifts ? 3 : 2);
    int32_t *stream = unknown_words(pairs * pair, -(1 << 29), 1 << 29);
    for (int32_t i = 0; shifts && i < 2 * pairs; i++) {
        stream[i / 2 * pair + 2 + weights + i % 2 * 3 + 2] = unknown(1, 24);
    }
    return blocks_of(l, rescaling, stream, pairs * pair,
                     24 * units + BLOCK_BYTES + (l->in_c % 4 ? 3 * 4 * (units + 1) : 0));
}

static void free_blocks(const blocks *made) {
    free((void *)(uintptr_t)made->params.stream);
    free(made->scratch);
}

/* Rows of taps of three bytes by three, on an image with three bytes behind it. */
static void check_bytes(void (*rows)(const layer *l, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1)) {
    const axis height = {7, 3, 1, 1, 1, 7}, width = {8, 3, 2, 1, 0, 4};
    const kernel bytes = {3, 5, 0, 0, rows, NULL, 0, 0};
    const layer l = make_layer(&bytes, &height, &width, 1);
    uint8_t *from = unknown_bytes(7 * 8 * 3 + 3), *to = unknown_bytes(7 * 4 * 5);
    const stj_in in = {from, 8 * 3, 7};
    const stj_out out = {to, 4 * 5, 7};
    rows(&l, &in, &out, 0, 7);
    free(from);
    free(to);
}

static void check_blocks(void (*rows)(const layer *l, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1),
                         void (*tile)(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out,
                                      const stj_region *region)) {
    const kernel odd = {4, 5, 0, 0, rows, tile, 0, 0}, even = {8, 2, 0, 0, rows, tile, 0, 0};
    check_windows(&odd);
    check_windows(&even);
    check_bytes(rows);
}

#endif
