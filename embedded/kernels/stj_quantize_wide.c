/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_quantize_wide.h"

#include <string.h>

#include "stj_requantize.h"
#include "stj_rows.h"

static int32_t load(const uint8_t *from, int32_t bytes) {
    if (bytes == 1) {
        return *(const int8_t *)from;
    }
    int32_t word;
    int16_t half;
    memcpy(bytes == 2 ? (void *)&half : (void *)&word, from, (size_t)bytes);
    return bytes == 2 ? half : word;
}

static void store(uint8_t *to, int32_t bytes, int32_t value) {
    const int8_t byte = (int8_t)value;
    const int16_t half = (int16_t)value;
    memcpy(to,
           bytes == 1   ? (const void *)&byte
           : bytes == 2 ? (const void *)&half
                        : (const void *)&value,
           (size_t)bytes);
}

void stj_quantize_wide(const stj_quantize_wide_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                       int32_t y1) {
    const stj_quantize_wide_params *p = params;
    for (int32_t y = y0; y < y1; y++) {
        const uint8_t *from = stj_read_row(in, y);
        uint8_t *to = stj_write_row(out, y);
        for (int32_t i = 0; i < p->row_elements; i++) {
            const int32_t value = load(from + i * p->in_bytes, p->in_bytes) - p->in_zero_point;
            const int32_t scaled = stj_requantize(value, p->multiplier, p->shift) + p->out_zero_point;
            store(to + i * p->out_bytes, p->out_bytes, stj_clamp(scaled, p->out_min, p->out_max));
        }
    }
}
