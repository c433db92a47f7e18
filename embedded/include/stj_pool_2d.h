/* SPDX-License-Identifier: Apache-2.0 */
/* What the poolings share: their parameters. stj_pool_2d_run.h has what their kernels share. */
#ifndef STJ_POOL_2D_H
#define STJ_POOL_2D_H

#include "stj_nn.h"
#include "stj_tile.h"

/* Images are [height, width, channels]; several follow each other in the rows: row r is row r % out_h of image
 * r / out_h. Every window covers at least one position of the image. */
typedef struct {
    int32_t in_h, in_w, channels; /* positions, >= 1 */
    int32_t out_h, out_w;         /* positions, >= 1 */
    int32_t kernel_h, kernel_w;   /* positions, >= 1 */
    int32_t stride_h, stride_w;   /* input positions, >= 1 */
    int32_t pad_top, pad_left;    /* positions, >= 0 */
    int32_t out_min, out_max;     /* stored range that the fused activation leaves, within [-128, 127] */
} stj_pool_2d_params;

#endif
