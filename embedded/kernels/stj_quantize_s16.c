/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_quantize_s16.h"

#include <string.h>

#include "stj_requantize.h"
#include "stj_rows.h"

/* To nearest, halves away from zero, within [-65536, 65536]; beyond these every zero point saturates. */
static int32_t round_half_away(float x) {
    if (x != x) {
        return 0;
    }
    const float bounded = x < -65536.0f ? -65536.0f : x > 65536.0f ? 65536.0f : x;
    const int32_t whole = (int32_t)bounded;
    const float rest = bounded - (float)whole; /* exact */
    return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

void stj_quantize_s16(const stj_quantize_s16_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                      int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        const uint8_t *from = stj_read_row(&in[0], y);
        int16_t *to = (int16_t *)(void *)stj_write_row(&out[0], y);
        for (int32_t i = 0; i < params->row_elements; i++) {
            float real;
            memcpy(&real, from + i * (int32_t)sizeof real, sizeof real);
            const int32_t steps = round_half_away(real / params->scale);
            to[i] = (int16_t)stj_clamp(steps + params->zero_point, INT16_MIN, INT16_MAX);
        }
    }
}
