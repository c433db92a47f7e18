/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_resize_nearest_neighbor.h"

#include <string.h>

#include "stj_rows.h"

void stj_resize_nearest_neighbor(const stj_resize_nearest_neighbor_params *params, const stj_in *in, const stj_out *out,
                                 int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        const uint8_t *from = stj_read_row(&in[0], params->rows[y]);
        uint8_t *to = stj_write_row(&out[0], y);
        for (int32_t x = 0; x < params->width; x++) {
            memcpy(to + x * params->pixel_bytes, from + params->columns[x], (size_t)params->pixel_bytes);
        }
    }
}
