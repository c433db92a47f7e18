/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels that take each element once, from one operand or from two that stretch, on a small lopsided tensor and
 * arbitrary data, in blocks of just the size that the kernels' contracts name. Elements have ELEMENT_BYTES. */
#ifndef ELEMENTS_H
#define ELEMENTS_H

#include "stj_broadcast.h"
#include "stj_pixels.h"
#include "unknown.h"

#ifndef ELEMENT_BYTES
#define ELEMENT_BYTES 1
#endif

enum { HEIGHT = 3, WIDTH = 4, CHANNELS = 5, PIXEL = CHANNELS * ELEMENT_BYTES, ROW = WIDTH * PIXEL };

/* How an operand stretches to [HEIGHT, WIDTH, CHANNELS], and its rows. */
typedef struct {
    stj_broadcast steps;
    int32_t rows, row_bytes;
} stretch;

static const stretch STRETCHES[] = {
    {{{0, 0, 1, 0}, {PIXEL, ELEMENT_BYTES}}, HEIGHT, ROW},              /* the result's shape */
    {{{0, 0, 0, 0}, {0, ELEMENT_BYTES}}, 1, PIXEL},                     /* one value per channel */
    {{{0, 0, 1, 0}, {ELEMENT_BYTES, 0}}, HEIGHT, WIDTH *ELEMENT_BYTES}, /* one per position */
    {{{0, 0, 0, 1}, {0, ELEMENT_BYTES}}, WIDTH, PIXEL},                 /* a matrix over all rows */
    {{{0, 0, 0, 0}, {0, 0}}, 1, ELEMENT_BYTES},                         /* a scalar */
};

typedef void rows_of_two(const stretch *a, const stretch *b, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1);
typedef void tile_of_elements(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region);

static inline void check_stretched(rows_of_two *rows, const stretch *a, const stretch *b) {
    uint8_t *from[2] = {unknown_bytes(a->rows * a->row_bytes), unknown_bytes(b->rows * b->row_bytes)};
    uint8_t *to = unknown_bytes(2 * ROW);
    const stj_in in[2] = {{from[0], a->row_bytes, a->rows}, {from[1], b->row_bytes, b->rows}};
    const stj_out out = {to, ROW, 2};
    rows(a, b, in, &out, 0, HEIGHT);
    free(from[0]);
    free(from[1]);
    free(to);
}

/* The result's shape with each way to stretch, on either side. */
static inline void check_two_operands(rows_of_two *rows) {
    for (int way = 0; way < 5; way++) {
        check_stretched(rows, &STRETCHES[0], &STRETCHES[way]);
        check_stretched(rows, &STRETCHES[way], &STRETCHES[0]);
    }
}

/* A region whose operands and result wrap at different places: two tiles and a raster, or the other way round. */
static inline void check_region(tile_of_elements *tile, int raster) {
    const stj_region region = {1, HEIGHT, 1, WIDTH};
    const int32_t kept = raster ? WIDTH + 3 : 2 * 3, other = raster ? 2 * 3 : WIDTH + 3;
    uint8_t *from = unknown_bytes(kept * PIXEL), *second = unknown_bytes(other * PIXEL);
    uint8_t *to = unknown_bytes(kept * PIXEL);
    const int32_t columns[2] = {3, WIDTH}, rows[2] = {2, 0};
    const stj_pixels_in in[2] = {{from, PIXEL, columns[raster], rows[raster], kept},
                                 {second, PIXEL, columns[!raster], rows[!raster], other}};
    const stj_pixels_out out = {to, PIXEL, columns[raster], rows[raster], kept};
    tile(in, &out, &region);
    free(from);
    free(second);
    free(to);
}

static inline void check_regions(tile_of_elements *tile) {
    check_region(tile, 0);
    check_region(tile, 1);
}

#endif
