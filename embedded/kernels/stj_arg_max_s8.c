/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_arg_max_s8.h"

#include <string.h>

/* Of elements that lie `step` apart in one row. */
static STJ_NOINLINE int32_t find_in_row(const int8_t *x, int32_t count, int32_t step, int32_t smaller) {
    int32_t best = *x, found = 0;
    for (int32_t k = 1; k < count; k++) {
        x += step;
        if (smaller ? *x < best : *x > best) {
            best = *x;
            found = k;
        }
    }
    return found;
}

/* Of elements at the same byte of rows that are `row_step` apart. */
static STJ_NOINLINE int32_t find_over_rows(const stj_arg_max_params *params, const stj_in *in, int32_t row,
                                           int32_t byte) {
    int32_t best = 0, found = 0;
    for (int32_t k = 0; k < params->count; k++) {
        const int32_t x = ((const int8_t *)stj_read_row(in, row + k * params->row_step))[byte + k * params->byte_step];
        if (k == 0 || (params->smaller ? x < best : x > best)) {
            best = x;
            found = k;
        }
    }
    return found;
}

void stj_arg_max_s8(const stj_arg_max_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    const stj_broadcast *operand = &params->operand;
    for (int32_t y = y0; y < y1; y++) {
        uint8_t *to = stj_write_row(out, y);
        const int32_t first = stj_broadcast_row(operand, &params->result, y);
        for (int32_t x = 0; x < params->result.width; x++) {
            for (int32_t c = 0; c < params->result.channels; c++) {
                const int32_t row = first + x * operand->row_step[3];
                const int32_t byte = x * operand->byte_step[0] + c * operand->byte_step[1];
                const int8_t *at = (const int8_t *)stj_read_row(in, row) + byte;
                const int32_t found = params->row_step == 0
                                          ? find_in_row(at, params->count, params->byte_step, params->smaller)
                                          : find_over_rows(params, in, row, byte);
                memcpy(to, &found, sizeof found);
                to += sizeof found;
            }
        }
    }
}
