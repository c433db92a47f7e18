/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_cumsum_s8.h"

#include "stj_requantize.h"
#include "stj_rows.h"

#define FRACTION 19 /* bits below the point of a sum */

/* The sum that belongs to one element: of those along the axis from the first or the last one up to it. There are few,
 * so that each sum is made anew. */
static int32_t sum_at(const stj_cumsum_params *params, const stj_in *in, int32_t y, int32_t i, int32_t position) {
    const int32_t begin = params->reverse ? position + params->exclusive : 0;
    const int32_t end = params->reverse ? params->extent : position + 1 - params->exclusive;
    const int32_t leads = params->axis < 3;
    int32_t sum = -params->in_zero_point;
    for (int32_t k = begin; k < end; k++) {
        const int32_t away = (k - position) * params->step;
        const int8_t *row = (const int8_t *)stj_read_row(&in[0], leads ? y + away : y);
        sum += row[leads ? i : i + away] - params->in_zero_point;
    }
    return sum;
}

void stj_cumsum_s8(const stj_cumsum_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        int32_t position[4];
        stj_leading_axes(y, params->leading, position);
        int8_t *to = (int8_t *)stj_write_row(&out[0], y);
        for (int32_t i = 0; i < params->row_bytes; i++) {
            position[3] = i / params->step % params->extent;
            const int32_t sum = sum_at(params, in, y, i, position[params->axis]) * (INT32_C(1) << FRACTION);
            const int32_t scaled = stj_requantize(sum, params->multiplier, params->shift) + params->out_zero_point;
            to[i] = (int8_t)stj_clamp(scaled, INT8_MIN, INT8_MAX);
        }
    }
}
