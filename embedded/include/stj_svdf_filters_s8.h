/* SPDX-License-Identifier: Apache-2.0 */
/* What the filters of an SVDF give in one call. Facts and sources: verify/ops/svdf_filters.py. */
#ifndef STJ_SVDF_FILTERS_S8_H
#define STJ_SVDF_FILTERS_S8_H

#include "stj_nn.h"

typedef struct {
    const int8_t *weights;     /* [filters, depth], zero point 0 */
    const int32_t *bias;       /* [filters], what the vectors' zero point adds */
    int32_t depth, filters;    /* elements of a vector, and of a result */
    int32_t element_bytes;     /* of a result: 1 (int8) or 2 (int16) */
    int32_t multiplier, shift; /* [-31, 30] */
} stj_svdf_filters_params;

/* Computes result rows [y0, y1), [filters] each, of the same rows of in[0], int8 [depth]. */
void stj_svdf_filters_s8(const stj_svdf_filters_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1);

#endif
