/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_add_n_s8.h"

#include "stj_requantize.h"
#include "stj_rows.h"

#define FRACTION 19 /* bits below the point of a sum */

void stj_add_n_s8(const stj_add_n_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        int8_t *to = (int8_t *)stj_write_row(&out[0], y);
        for (int32_t i = 0; i < params->row_bytes; i++) {
            int32_t sum = -params->in_zero_point;
            for (int32_t k = 0; k < params->count; k++) {
                sum += ((const int8_t *)stj_read_row(&in[k], y))[i] - params->in_zero_point;
            }
            const int32_t wide = sum * (INT32_C(1) << FRACTION);
            const int32_t scaled = stj_requantize(wide, params->multiplier, params->shift) + params->out_zero_point;
            to[i] = (int8_t)stj_clamp(scaled, INT8_MIN, INT8_MAX);
        }
    }
}
