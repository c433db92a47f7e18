/* SPDX-License-Identifier: Apache-2.0 */
/* Which taps of a sliding window lie on the image, and where a ring holds their rows. Used by the kernels that slide a
 * window; the geometry is that of verify/graph/window.py: tap j of an output position reads start + j * dilation. */
#ifndef STJ_WINDOW_H
#define STJ_WINDOW_H

#include "stj_nn.h"

/* First tap at position 0 or later. */
static inline int32_t stj_first_tap(int32_t start, int32_t dilation) {
    return start >= 0 ? 0 : (dilation - 1 - start) / dilation;
}

/* One past the last tap before position `extent`, at most `taps`; zero or negative where even the first lies behind. */
static inline int32_t stj_end_tap(int32_t start, int32_t dilation, int32_t taps, int32_t extent) {
    if (start + (taps - 1) * dilation < extent) {
        return taps;
    }
    return (extent - start + dilation - 1) / dilation;
}

/* The slot `step` rows further on. */
static inline int32_t stj_next_slot(int32_t slot, int32_t step, int32_t capacity) {
    slot += step;
    return slot < capacity ? slot : slot - capacity;
}

/* Row `slot` of a ring as int8. */
static inline const int8_t *stj_slot(const stj_in *in, int32_t slot) {
    return (const int8_t *)(in->data + slot * in->row_bytes);
}

/* Where output row `y` goes. */
static inline int8_t *stj_out_row(const stj_out *out, int32_t y) {
    return (int8_t *)(out->data + (y % out->capacity) * out->row_bytes);
}

#endif
