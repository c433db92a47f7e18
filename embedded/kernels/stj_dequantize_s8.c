/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_dequantize_s8.h"

#include <string.h>

#include "stj_rows.h"

void stj_dequantize_s8(const stj_dequantize_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                       int32_t y1) {
    const int32_t elements = params->row_elements, zero_point = params->zero_point;
    const float scale = params->scale; /* results might overlap the struct, as far as the compiler knows */
    for (int32_t y = y0; y < y1; y++) {
        const int8_t *from = (const int8_t *)stj_read_row(&in[0], y);
        uint8_t *to = stj_write_row(&out[0], y);
        for (int32_t i = 0; i < elements; i++) {
            /* The product of a 24-bit and a 9-bit number is rounded once, as a product in double would be. */
            const float real = (float)(from[i] - zero_point) * scale;
            memcpy(to + i * (int32_t)sizeof real, &real, sizeof real);
        }
    }
}
