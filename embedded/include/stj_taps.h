/* SPDX-License-Identifier: Apache-2.0 */
/* The taps of a window that lie on the image, and the way from each to the next through a ring of pixels. Shared by the
 * kernels that slide a window over rows (stj_nn.h: a ring of rows is a tile as wide as the image, and never wraps
 * within a row) and those that slide it over regions (stj_tile.h). */
#ifndef STJ_TAPS_H
#define STJ_TAPS_H

#include "stj_pixels.h"
#include "stj_window.h"

/* A window along one axis, as verify/graph/window.py has it: tap j of position i reads i * stride - before +
 * j * dilation. */
typedef struct {
    int32_t taps, stride, dilation, before;
    int32_t extent; /* of the image */
} stj_axis;

/* The taps of one output position. Offsets and distances are bytes of the ring. */
typedef struct {
    const int8_t *data;
    int32_t ring;  /* size of the ring */
    int32_t turn;  /* how far back from the end of a row in memory to its start */
    int32_t right; /* from one tap to the next of its row */
    int32_t down;  /* from one tap to the one below, at most `ring` where both are on the image */
    int32_t first_y, end_y;
    int32_t
        row; /* pixel at column 0 of the first row of taps: a slot of a tile, a place in reading order of a raster */
    int32_t first_x;
    int32_t count;  /* taps of a row, 0 where none is on the image */
    int32_t offset; /* of the first tap */
    int32_t room;   /* from the first tap of any row to the end of its row in memory */
} stj_taps;

/* Fills in all but what stj_taps_in_row does: output row `y` of an image whose first row is row `above` of the ring. */
static inline void stj_taps_of_row(stj_taps *taps, const stj_pixels_in *in, const stj_axis *height, int32_t dilation_w,
                                   int32_t above, int32_t y) {
    const int32_t start = y * height->stride - height->before;
    taps->data = (const int8_t *)in->data;
    taps->ring = in->pixels * in->pixel_bytes;
    taps->turn = (in->rows > 0 ? in->columns : in->pixels) * in->pixel_bytes;
    taps->right = dilation_w * in->pixel_bytes;
    taps->down = height->dilation * in->columns * in->pixel_bytes;
    taps->first_y = stj_first_tap(start, height->dilation);
    taps->end_y = stj_end_tap(start, height->dilation, height->taps, height->extent);
    taps->row = above + start + taps->first_y * height->dilation;
    taps->row = (in->rows > 0 ? taps->row % in->rows : taps->row) * in->columns;
}

/* The taps of column `x` of that output row. */
static inline void stj_taps_in_row(stj_taps *taps, const stj_pixels_in *in, const stj_axis *width, int32_t x) {
    const int32_t start = x * width->stride - width->before;
    const int32_t first = stj_first_tap(start, width->dilation);
    const int32_t end = stj_end_tap(start, width->dilation, width->taps, width->extent);
    int32_t slot = start + first * width->dilation;
    taps->first_x = first;
    taps->count = end > first ? end - first : 0;
    if (in->rows > 0) {
        slot = slot % in->columns;
        taps->room = (in->columns - slot) * in->pixel_bytes;
        slot += taps->row;
    } else {
        slot = (slot + taps->row) % in->pixels;
        taps->room = taps->ring;
    }
    taps->offset = slot * in->pixel_bytes;
}

/* Bytes from the tap at `offset`, the first of its row, to the next wrap. */
static inline int32_t stj_room(const stj_taps *taps, int32_t offset) {
    const int32_t ring = taps->ring - offset;
    return taps->room < ring ? taps->room : ring;
}

/* How many of a row's taps come before the wrap. */
static inline int32_t stj_head(const stj_taps *taps, int32_t offset) {
    const int32_t room = stj_room(taps, offset);
    return (taps->count - 1) * taps->right < room ? taps->count : (room + taps->right - 1) / taps->right;
}

/* Bytes from one tap of a row to the next, of which *room is what is left before the wrap. */
static inline int32_t stj_right(const stj_taps *taps, int32_t *room) {
    *room -= taps->right;
    if (*room > 0) {
        return taps->right;
    }
    *room += taps->turn;
    return taps->right - taps->turn;
}

/* The offset one row of taps further down. */
static inline int32_t stj_below(const stj_taps *taps, int32_t offset) {
    offset += taps->down;
    return offset < taps->ring ? offset : offset - taps->ring;
}

/* Output positions whose results are adjacent in memory: `count` columns from `x` on of output row `y` of an image
 * whose first row is row `above` of the input's ring. */
typedef struct {
    int32_t above, y, x, count;
    int8_t *to;
} stj_output_run;

/* The part of output row `y` from column `x` on, up to `x1` or the next wrap in memory. */
static inline stj_output_run stj_output_run_of(const stj_pixels_out *out, int32_t y, int32_t x, int32_t x1) {
    stj_output_run run = {0, y, x, x1 - x, 0};
    run.to = (int8_t *)stj_write_pixels(out, y, x, &run.count);
    return run;
}

/* Output row `y` of those that the row kernels count, over all images. */
static inline stj_output_run stj_output_row_of(const stj_out *out, int32_t y, int32_t in_h, int32_t out_h,
                                               int32_t out_w) {
    const int32_t image = y / out_h;
    const stj_output_run run = {image * in_h, y - image * out_h, 0, out_w, stj_out_row(out, y)};
    return run;
}

/* Computes the results of a run; `params` is the kernel's own struct. */
typedef void stj_compute_run(const void *params, const stj_pixels_in *in, const stj_output_run *run);

/* All runs of a region. */
STJ_TEMPLATE void stj_over_region(stj_compute_run *compute, const void *params, const stj_pixels_in *in,
                                  const stj_pixels_out *out, const stj_region *region) {
    for (int32_t y = region->y0; y < region->y1; y++) {
        for (int32_t x = region->x0; x < region->x1;) {
            const stj_output_run run = stj_output_run_of(out, y, x, region->x1);
            compute(params, in, &run);
            x += run.count;
        }
    }
}

/* A ring of rows as the row kernels get it, seen as a tile of `columns` pixels of `pixel_bytes`. */
static inline stj_pixels_in stj_rows_as_pixels(const stj_in *in, int32_t columns, int32_t pixel_bytes) {
    const stj_pixels_in pixels = {in->data, pixel_bytes, columns, in->capacity, in->capacity * columns};
    return pixels;
}

#endif
