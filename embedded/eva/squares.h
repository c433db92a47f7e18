/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolutions by square windows (stj_depthwise_dsp.h), on images narrower than the window and wider, padded
 * on all sides, with tables of words that keep to C6 and scratch of just its size. Channels fill whole words: what lies
 * behind a row is not there. */
#ifndef SQUARES_H
#define SQUARES_H

#include "stj_depthwise_dsp.h"
#include "windows.h"

typedef struct {
    stj_depthwise_dsp_params params;
    void *scratch;
    int32_t scratch_bytes;
} square;

static square make_square(const layer *l, int32_t size, int32_t stride) {
    const axis *h = &l->height, *w = &l->width;
    const int32_t columns = w->out > 2 ? (w->out + 1) / 2 : w->out;
    const int32_t records = ((columns - 1) * stride + size + 1) / 2;
    const square s = {{unknown_words(l->out_c * (size / 2 * size + size + 2), -(1 << 29), 1 << 29), IMAGES(l),
                       l->out_c / l->in_c, h->stride, h->dilation, BOTH(l, before), unknown(-128, 127), columns},
                      unknown_bytes(8 + records * 16 * (size / 2 * 2 + 1)),
                      8 + records * 16 * (size / 2 * 2 + 1)};
    return s;
}

static void free_square(const square *s) {
    free((void *)(uintptr_t)s->params.table);
    free(s->scratch);
}

static inline void check_squares(int32_t size, int32_t stride,
                                 void (*rows)(const layer *l, const stj_in *in, const stj_out *out, int32_t y0,
                                              int32_t y1),
                                 void (*tile)(const layer *l, const stj_pixels_in *in, const stj_pixels_out *out,
                                              const stj_region *region)) {
    const kernel single = {4, 4, 0, 0, rows, tile, 1, 0}, multiplied = {4, 8, 0, 0, rows, tile, 1, 0};
    /* Extent, padding and outputs of both axes. */
    const int32_t shapes[][3] = {{1, 1, 1}, {1, size / 2, 1}, {3, size / 2, 3}, {size, 0, 1}, {size + 4, size - 1, 9}};
    for (int h = 0; h < 5; h++) {
        for (int w = 0; w < 5; w++) {
            const axis height = {shapes[h][0], size, 1 + h % 2, 1 + h / 3, shapes[h][1], shapes[h][2]};
            const axis width = {shapes[w][0], size, stride, 1, shapes[w][1], shapes[w][2]};
            check_layer(w % 2 ? &multiplied : &single, &height, &width);
        }
    }
}

#endif
