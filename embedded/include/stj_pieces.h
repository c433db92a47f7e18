/* SPDX-License-Identifier: Apache-2.0 */
/* A window as pieces: taps that lie side by side in memory. A row of taps is one piece, or two where it goes around the
 * end of a ring. Pieces are made once per position and used for all channels, whose loops then need not know about
 * padding and rings. */
#ifndef STJ_PIECES_H
#define STJ_PIECES_H

#include "stj_taps.h"

enum { STJ_PIECES = 16 };

typedef struct {
    const int8_t *x; /* the first tap's pixel */
    int16_t tap;     /* kernel_w * ky + kx of that tap */
    int16_t taps;    /* >= 1 */
} stj_piece;

typedef struct {
    stj_piece piece[STJ_PIECES];
    stj_piece *end;
} stj_pieces;

/* Whether rows of an image that is `width` wide lie in memory as they are: windows do not go around the end of any. */
static inline int stj_rows_whole(const stj_pixels_in *in, int32_t width) {
    return in->rows > 0 && in->columns >= width;
}

/* Whether there is room for the pieces of every window. */
static inline int stj_pieces_fit(int rows_whole, int32_t kernel_h, int32_t kernel_w) {
    return kernel_h <= (rows_whole ? STJ_PIECES : STJ_PIECES / 2) && kernel_w <= INT16_MAX / STJ_PIECES;
}

/* Whether all taps of position `x` are on the image. */
static inline int stj_inside(const stj_axis *axis, int32_t x) {
    const int32_t start = x * axis->stride - axis->before;
    return start >= 0 && start + (axis->taps - 1) * axis->dilation < axis->extent;
}

/* Makes of the pieces of a window those of another with the same taps, `bytes` to the right in rows that are whole. */
static inline void stj_slide(stj_pieces *pieces, int32_t bytes) {
    for (stj_piece *piece = pieces->piece; piece < pieces->end; piece++) {
        piece->x += bytes;
    }
}

/* Cuts the taps that are on the image into pieces, from `piece` on; `tap` is the first one's. Returns their end. */
STJ_TEMPLATE stj_piece *stj_cut_from(stj_piece *piece, int32_t tap, const stj_taps *taps, int32_t kernel_w) {
    int32_t offset = taps->offset;
    for (int32_t rows = taps->count > 0 ? taps->end_y - taps->first_y : 0; rows > 0; rows--) {
        const int32_t head = stj_head(taps, offset), rest = taps->count - head;
        piece->x = taps->data + offset;
        piece->tap = (int16_t)tap;
        piece->taps = (int16_t)head;
        piece++;
        if (rest > 0) {
            piece->x = taps->data + offset + (head * taps->right - taps->turn);
            piece->tap = (int16_t)(tap + head);
            piece->taps = (int16_t)rest;
            piece++;
        }
        tap += kernel_w;
        offset = stj_below(taps, offset);
    }
    return piece;
}

#endif
