/* SPDX-License-Identifier: Apache-2.0 */
/* Regions that follow what their readers need. The Python twin is verify/ops/regions.py. */
#ifndef STJ_REGION_H
#define STJ_REGION_H

#include "stj_tile.h"

static inline int stj_any(const stj_region *region) { return region->y0 < region->y1 && region->x0 < region->x1; }

/* floor(a / b) for b >= 1 */
static inline int32_t stj_floor(int32_t a, int32_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

/* Widens [*first, *last) of an operand with `positions` positions to what output positions [low, high) read through a
 * window (verify/graph/window.py); `shorter` are its phases without the last tap. */
static inline void stj_widen(int32_t *first, int32_t *last, int32_t low, int32_t high, int32_t stride, int32_t pad,
                             int32_t upsample, int32_t shorter, int32_t reach, int32_t positions) {
    if (low >= high) {
        return;
    }
    const int32_t from = stj_floor(low * stride - pad, upsample);
    const int32_t to = stj_floor((high - 1) * stride - pad - shorter, upsample) + reach;
    *first = from < *first ? (from < 0 ? 0 : from) : *first;
    *last = to > *last ? (to > positions ? positions : to) : *last;
}

#endif
