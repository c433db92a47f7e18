/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of views, for kernels whose output rows need single input rows. */
#ifndef STJ_ROWS_H
#define STJ_ROWS_H

#include "stj_nn.h"

/* First byte of input row `y`. */
static inline const uint8_t *stj_read_row(const stj_in *in, int32_t y) {
    return in->data + (y % in->capacity) * in->row_bytes;
}

/* First byte of output row `y`. */
static inline uint8_t *stj_write_row(const stj_out *out, int32_t y) {
    return out->data + (y % out->capacity) * out->row_bytes;
}

/* Row `y` as a position along the three leading axes of a tensor; `extents` are those of the second and third. */
static inline void stj_leading_axes(int32_t y, const int32_t extents[2], int32_t position[3]) {
    position[2] = y % extents[1];
    position[1] = y / extents[1] % extents[0];
    position[0] = y / extents[1] / extents[0];
}

#endif
