/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_NEAREST_NEIGHBOR of elements of any size. */
#ifndef STJ_RESIZE_NEAREST_NEIGHBOR_H
#define STJ_RESIZE_NEAREST_NEIGHBOR_H

#include "stj_nn.h"

typedef struct {
    int32_t width;          /* of the result, pixels */
    int32_t pixel_bytes;    /* all channels of a pixel */
    const int32_t *rows;    /* for each row of the result, the operand's row that it takes */
    const int32_t *columns; /* [width], for each pixel of a row, the byte of the operand's row where its pixel starts */
} stj_resize_nearest_neighbor_params;

/* Computes rows [y0, y1) of out[0] from in[0]. */
void stj_resize_nearest_neighbor(const stj_resize_nearest_neighbor_params *params, const stj_in *in, const stj_out *out,
                                 int32_t y0, int32_t y1);

#endif
