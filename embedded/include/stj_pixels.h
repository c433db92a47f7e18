/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of adjacent pixels in memory, for the kernels of stj_tile.h. */
#ifndef STJ_PIXELS_H
#define STJ_PIXELS_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Slot of pixel (y, x). Lowers *run, a count of pixels from (y, x) on along the row, to those before the next wrap. */
static inline int32_t stj_pixel_slot(int32_t columns, int32_t rows, int32_t pixels, int32_t y, int32_t x,
                                     int32_t *run) {
    int32_t slot, room;
    if (rows > 0) {
        const int32_t column = x % columns;
        slot = y % rows * columns + column;
        room = columns - column;
    } else {
        slot = (y * columns + x) % pixels;
        room = pixels - slot;
    }
    *run = *run < room ? *run : room;
    return slot;
}

/* First byte of pixel (y, x); lowers *run to the pixels that follow it in memory. */
static inline const uint8_t *stj_read_pixels(const stj_pixels_in *in, int32_t y, int32_t x, int32_t *run) {
    return in->data + stj_pixel_slot(in->columns, in->rows, in->pixels, y, x, run) * in->pixel_bytes;
}

static inline uint8_t *stj_write_pixels(const stj_pixels_out *out, int32_t y, int32_t x, int32_t *run) {
    return out->data + stj_pixel_slot(out->columns, out->rows, out->pixels, y, x, run) * out->pixel_bytes;
}

/* Pixels that lie side by side in the memory of one result and of up to two operands, all int8 and of the same shape.
 */
typedef struct {
    const int8_t *in[2];
    int8_t *to;
    int32_t count; /* pixels */
    int32_t bytes;
} stj_pixel_runs;

/* The part of row `y` from column `x` on, up to `x1` or the next wrap in any of them. */
static inline stj_pixel_runs stj_pixel_runs_of(const stj_pixels_in *in, int32_t operands, const stj_pixels_out *out,
                                               int32_t y, int32_t x, int32_t x1) {
    stj_pixel_runs runs = {{0, 0}, 0, x1 - x, 0};
    for (int32_t i = 0; i < operands; i++) {
        runs.in[i] = (const int8_t *)stj_read_pixels(&in[i], y, x, &runs.count);
    }
    runs.to = (int8_t *)stj_write_pixels(out, y, x, &runs.count);
    runs.bytes = runs.count * out->pixel_bytes;
    return runs;
}

/* Computes a result element by element; `params` is the kernel's own struct. */
typedef void stj_compute_pixels(const void *params, const stj_pixel_runs *runs);

/* All runs of a region. */
STJ_TEMPLATE void stj_over_pixels(stj_compute_pixels *compute, const void *params, const stj_pixels_in *in,
                                  int32_t operands, const stj_pixels_out *out, const stj_region *region) {
    for (int32_t y = region->y0; y < region->y1; y++) {
        for (int32_t x = region->x0; x < region->x1;) {
            const stj_pixel_runs runs = stj_pixel_runs_of(in, operands, out, y, x, region->x1);
            compute(params, &runs);
            x += runs.count;
        }
    }
}

#endif
