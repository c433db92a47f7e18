/* SPDX-License-Identifier: Apache-2.0 */
/* SVDF on int8: what filters gave in each of the last calls, summed. Facts and sources: verify/ops/svdf.py. */
#ifndef STJ_SVDF_S8_H
#define STJ_SVDF_S8_H

#include "stj_nn.h"

typedef struct {
    const void *weights;       /* [filters, calls] of `element_bytes` each, oldest call first, zero point 0 */
    const int32_t *bias;       /* [units], or null */
    int32_t element_bytes;     /* of what a call gives: 1 or 2 */
    int32_t calls;             /* that are summed, >= 1 */
    int32_t vectors;           /* in what a call gives, each of `filters` elements */
    int32_t filters, rank;     /* filters of a vector, and of each unit; a unit's follow each other */
    int32_t multiplier, shift; /* [-31, 30] */
    int32_t out_zero_point;    /* [-128, 127] */
} stj_svdf_params;

/* Computes result row y0, [vectors, units], of the `calls` rows of in[0] from row y0 on, oldest first: what calls gave,
 * [vectors, filters] each, in a ring. `y1` is y0 + 1. */
void stj_svdf_s8(const stj_svdf_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
