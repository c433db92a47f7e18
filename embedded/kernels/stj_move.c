/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_move.h"

#include <string.h>

#include "stj_rows.h"

#define BOX_FIELDS ((int32_t)(sizeof(stj_move_box) / sizeof(int32_t)))

/* Copies the elements of one column of a box, which start at `row` and `byte` of the operand. */
static void move_column(const stj_move_box *box, int32_t size, const stj_in *in, int32_t row, int32_t byte,
                        uint8_t *to) {
    if (box->row_step[4] == 0 && box->byte_step[4] == size) {
        memcpy(to, stj_read_row(in, row) + byte, (size_t)(box->extent[4] * size));
        return;
    }
    for (int32_t c = 0; c < box->extent[4]; c++) {
        const uint8_t *from = stj_read_row(in, row + c * box->row_step[4]) + byte + c * box->byte_step[4];
        for (int32_t i = 0; i < size; i++) {
            *to++ = from[i];
        }
    }
}

/* Copies what a box has of result row `y`, which may be nothing. */
static void move_row(const stj_move_box *box, int32_t size, const stj_in *in, const stj_out *out, int32_t y) {
    int32_t position[3];
    int32_t row = box->in_row;
    int32_t byte = box->in_byte;
    stj_leading_axes(y, box->leading, position);
    for (int axis = 0; axis < 3; axis++) {
        const int32_t steps = position[axis] - box->begin[axis];
        if (steps < 0 || steps >= box->extent[axis]) {
            return;
        }
        row += steps * box->row_step[axis];
        byte += steps * box->byte_step[axis];
    }
    uint8_t *to = stj_write_row(out, y) + box->out_byte;
    for (int32_t x = 0; x < box->extent[3]; x++) {
        move_column(box, size, in, row + x * box->row_step[3], byte + x * box->byte_step[3], to + x * box->out_step);
    }
}

void stj_move(const stj_move_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    for (int32_t i = 0; i < params->count; i++) {
        stj_move_box box;
        memcpy(&box, params->boxes + i * BOX_FIELDS, sizeof box);
        for (int32_t y = y0; y < y1; y++) {
            move_row(&box, params->element_bytes, &in[box.source], &out[box.target], y);
        }
    }
}
