/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_dequantize_wide.h"

#include <string.h>

#include "stj_rows.h"

void stj_dequantize_wide(const stj_dequantize_wide_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                         int32_t y1) {
    const stj_dequantize_wide_params p = *params;
    for (int32_t y = y0; y < y1; y++) {
        const uint8_t *from = stj_read_row(&in[0], y);
        uint8_t *to = stj_write_row(&out[0], y);
        for (int32_t i = 0; i < p.row_elements; i++) {
            int16_t half = from[p.in_bytes == 1 ? i : 0];
            if (p.in_bytes == 2) {
                memcpy(&half, from + i * 2, sizeof half);
            }
            /* The product of a 24-bit and a 17-bit number is rounded once, as a product in double would be. */
            const float real = (float)(half - p.zero_point) * p.scale;
            memcpy(to + i * (int32_t)sizeof real, &real, sizeof real);
        }
    }
}
