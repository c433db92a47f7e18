/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_select_s8.h"

/* The channels of one position: what each operand has there, and its steps from channel to channel. */
static STJ_NOINLINE void select_elements(const stj_broadcast operands[3], const int8_t *const from[3], int8_t *to,
                                         int32_t count) {
    for (int32_t c = 0; c < count; c++) {
        const int taken = from[0][c * operands[0].byte_step[1]] != 0 ? 1 : 2;
        to[c] = from[taken][c * operands[taken].byte_step[1]];
    }
}

void stj_select_s8(const stj_select_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t y = y0; y < y1; y++) {
        int32_t row[3];
        for (int k = 0; k < 3; k++) {
            row[k] = stj_broadcast_row(&params->operands[k], &params->result, y);
        }
        int8_t *to = (int8_t *)stj_write_row(out, y);
        for (int32_t x = 0; x < params->result.width; x++) {
            const int8_t *from[3];
            for (int k = 0; k < 3; k++) {
                from[k] = stj_broadcast_column(&params->operands[k], &in[k], row[k], x);
            }
            select_elements(params->operands, from, to, params->result.channels);
            to += params->result.channels;
        }
    }
}
