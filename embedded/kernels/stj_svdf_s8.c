/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_svdf_s8.h"

#include "stj_requantize.h"
#include "stj_rows.h"

/* What filter `f` of a vector gives over the calls, in a ring whose oldest row is `y`. */
static int64_t over_calls(const stj_svdf_params *p, const stj_in *in, int32_t y, int32_t element, int32_t f) {
    int64_t sum = 0;
    int32_t slot = y % in->capacity;
    for (int32_t call = 0; call < p->calls; call++) {
        const uint8_t *row = in->data + slot * in->row_bytes;
        int32_t value, weight;
        if (p->element_bytes == 1) {
            value = ((const int8_t *)row)[element];
            weight = ((const int8_t *)p->weights)[f * p->calls + call];
        } else {
            value = ((const int16_t *)(const void *)row)[element];
            weight = ((const int16_t *)p->weights)[f * p->calls + call];
        }
        sum += (int64_t)value * weight;
        slot = slot + 1 == in->capacity ? 0 : slot + 1;
    }
    return sum;
}

void stj_svdf_s8(const stj_svdf_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_svdf_params *p = params;
    const int32_t units = p->filters / p->rank;
    int8_t *to = (int8_t *)stj_write_row(out, y0);
    (void)y1;
    for (int32_t v = 0; v < p->vectors; v++) {
        for (int32_t u = 0; u < units; u++) {
            int64_t sum = p->bias ? p->bias[u] : 0;
            for (int32_t f = u * p->rank; f < (u + 1) * p->rank; f++) {
                sum += over_calls(p, in, y0, v * p->filters + f, f);
            }
            const int32_t fits = (int32_t)(sum < INT32_MIN ? INT32_MIN : sum > INT32_MAX ? INT32_MAX : sum);
            const int32_t scaled = stj_requantize(fits, p->multiplier, p->shift) + p->out_zero_point;
            to[v * units + u] = (int8_t)stj_clamp(scaled, INT8_MIN, INT8_MAX);
        }
    }
}
