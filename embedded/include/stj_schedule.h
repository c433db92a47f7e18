/* SPDX-License-Identifier: Apache-2.0 */
/* Which rows a tick computes. The Python twin is verify/graph/plan.py (Schedule). */
#ifndef STJ_SCHEDULE_H
#define STJ_SCHEDULE_H

#include <stdint.h>

/* Rows [first, last) that a tick computes. */
typedef struct {
    int32_t first, last;
} stj_span;

/* Rows complete after tick n: floor((rate * n + offset) / period) clipped to [0, rows]; 0 before tick 0.
 * Ranges: rate >= 0, period >= 1, and rate * n + offset fits int32 (the exporter checks). */
static inline int32_t stj_frontier(int32_t n, int32_t rate, int32_t period, int32_t offset, int32_t rows) {
    const int32_t x = rate * n + offset;
    if (n < 0 || x <= 0) {
        return 0;
    }
    return x / period < rows ? x / period : rows;
}

/* The same where `grain` rows at a time are computed: grain * floor((rate * n + offset) / period), clipped.
 * Ranges: grain >= 1, and rows + grain fits int32. */
static inline int32_t stj_frontier_by(int32_t n, int32_t rate, int32_t period, int32_t offset, int32_t rows,
                                      int32_t grain) {
    const int32_t done = grain * stj_frontier(n, rate, period, offset, (rows + grain - 1) / grain);
    return done < rows ? done : rows;
}

#endif
