/* SPDX-License-Identifier: Apache-2.0 */
/* Along one row of an image that memory keeps as a ring of pixels (stj_tile.h). A ring of rows (stj_nn.h) is such a
 * ring in reading order. */
#ifndef STJ_MVE_WALK_H
#define STJ_MVE_WALK_H

#include "stj_pixels.h"

/* The next pixel, and what lies between it and the wrap. Distances are bytes. */
typedef struct {
    const int8_t *at, *end;
    int32_t step, turn;
} stj_mve_walk;

/* From pixel (y, x) on, every `stride`-th one. */
static inline stj_mve_walk stj_mve_walk_from(const stj_pixels_in *in, int32_t y, int32_t x, int32_t stride) {
    int32_t run = in->pixels;
    stj_mve_walk walk;
    walk.at = (const int8_t *)stj_read_pixels(in, y, x, &run);
    walk.end = walk.at + run * in->pixel_bytes;
    walk.step = stride * in->pixel_bytes;
    walk.turn = (in->rows > 0 ? in->columns : in->pixels) * in->pixel_bytes;
    return walk;
}

static inline const int8_t *stj_mve_walk_on(stj_mve_walk *walk) {
    const int8_t *at = walk->at;
    walk->at += walk->step;
    if (walk->at >= walk->end) {
        walk->at -= walk->turn;
    }
    return at;
}

static inline stj_pixels_in stj_mve_rows_in(const stj_in *in, int32_t columns, int32_t pixel_bytes) {
    const stj_pixels_in pixels = {in->data, pixel_bytes, columns, 0, in->capacity * columns};
    return pixels;
}

static inline stj_pixels_out stj_mve_rows_out(const stj_out *out, int32_t columns, int32_t pixel_bytes) {
    const stj_pixels_out pixels = {out->data, pixel_bytes, columns, 0, out->capacity * columns};
    return pixels;
}

#endif
