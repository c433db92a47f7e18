/* SPDX-License-Identifier: Apache-2.0 */
/* GATHER of int8 at computed places. Facts and sources: verify/ops/gathered.py. */
#ifndef STJ_GATHER_S8_H
#define STJ_GATHER_S8_H

#include "stj_nn.h"

typedef struct {
    int32_t row_elements; /* of the result, >= 1 */
    int32_t extent;       /* of the axis along which places are taken, >= 1 */
    int32_t places;       /* how many there are, >= 1 */
    int32_t inner;        /* elements of a slice that lie side by side, >= 1 */
} stj_gather_params;

/* Computes rows [y0, y1) of out[0] from in[0], seen as [outer, extent, inner], and from places, int32, in in[1]; both
 * are held whole. The result is [outer, places, inner]. A place outside of [0, extent) is taken for the nearest inside.
 */
void stj_gather_s8(const stj_gather_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

#endif
