/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a window over one image into pieces. */
#ifndef STJ_CUT_H
#define STJ_CUT_H

#include "stj_pieces.h"

/* Cuts a window into pieces. */
static STJ_NOINLINE void stj_cut(stj_pieces *pieces, const stj_taps *taps, int32_t kernel_w) {
    pieces->end = stj_cut_from(pieces->piece, taps->first_y * kernel_w + taps->first_x, taps, kernel_w);
}

#endif
