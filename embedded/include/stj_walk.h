/* SPDX-License-Identifier: Apache-2.0 */
/* A window walked row of taps by row of taps: what kernels ask about the taps of a position (stj_taps.h), so that they
 * need not keep the rows anywhere. A row of taps is one piece in memory, or two where it goes around the end of a
 * ring. */
#ifndef STJ_WALK_H
#define STJ_WALK_H

#include "stj_taps.h"

/* What has been read of memory is read again from here on. Compilers take out of a loop whatever does not change in it,
 * and where registers are short that goes on the stack: fields that are needed once for each row of taps lie there
 * already. */
#if defined(__GNUC__) && !defined(__FRAMAC__)
#define STJ_READ_AGAIN() __asm__ volatile("" : : : "memory")
#else
#define STJ_READ_AGAIN() ((void)0)
#endif

/* Whether rows of an image that is `width` wide lie in memory as they are: windows do not go around the end of any. */
static inline int stj_rows_whole(const stj_pixels_in *in, int32_t width) {
    return in->rows > 0 && in->columns >= width;
}

/* Whether all taps of position `x` are on the image. */
static inline int stj_inside(const stj_axis *axis, int32_t x) {
    const int32_t start = x * axis->stride - axis->before;
    return start >= 0 && start + (axis->taps - 1) * axis->dilation < axis->extent;
}

/* How many rows of taps are on the image. */
static inline int32_t stj_rows_of_taps(const stj_taps *taps) {
    return taps->count > 0 ? taps->end_y - taps->first_y : 0;
}

/* The offset of a row of taps, counted from the first one on the image. */
static inline int32_t stj_row_of_taps(const stj_taps *taps, int32_t row) {
    const int32_t offset = taps->offset + row * taps->down;
    return offset < taps->ring ? offset : offset - taps->ring;
}

/* Whether the first `count` taps of each row lie in one piece. */
static inline int stj_straight(const stj_taps *taps, int32_t count) {
    const int32_t span = (count - 1) * taps->right;
    int32_t offset = taps->offset;
    if (count == 1) {
        return 1;
    }
    for (int32_t rows = stj_rows_of_taps(taps); rows > 0; rows--) {
        if (span >= stj_room(taps, offset)) {
            return 0;
        }
        offset = stj_below(taps, offset);
    }
    return 1;
}

/* How many rows of taps are left where the way down goes around the end of the ring; 0 where it does not. */
static inline int32_t stj_rows_beyond(const stj_taps *taps) {
    int32_t room = taps->ring - taps->offset, left = stj_rows_of_taps(taps);
    while (--left > 0) {
        room -= taps->down;
        if (room <= 0) {
            return left;
        }
    }
    return 0;
}

/* Bytes from a row of taps to the next, of which `left` are left; `beyond` is what the function above gives. */
static inline int32_t stj_way_down(const stj_taps *taps, int32_t left, int32_t beyond) {
    return left == beyond ? taps->down - taps->ring : taps->down;
}

/* A region's x1 where it is whole rows and views are those of rows (stj_nn.h). Else views are those of pixels. */
enum { STJ_WHOLE_ROWS = -1 };

static inline int stj_of_rows(const stj_region *region) { return region->x1 == STJ_WHOLE_ROWS; }

/* The view of an operand as one of pixels. Made where it is needed, so that it is nowhere when sums are made. */
static inline stj_pixels_in stj_seen_in(const void *in, int of_rows, int32_t columns, int32_t pixel_bytes) {
    return of_rows ? stj_rows_as_pixels((const stj_in *)in, columns, pixel_bytes) : *(const stj_pixels_in *)in;
}

/* The same for a result. */
static inline stj_pixels_out stj_seen_out(const void *out, int of_rows, int32_t columns, int32_t pixel_bytes) {
    if (!of_rows) {
        return *(const stj_pixels_out *)out;
    }
    const stj_out *rows = (const stj_out *)out;
    const stj_pixels_out pixels = {rows->data, pixel_bytes, columns, rows->capacity, rows->capacity * columns};
    return pixels;
}

#endif
