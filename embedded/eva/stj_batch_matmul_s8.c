/* SPDX-License-Identifier: Apache-2.0 */
/* BATCH_MATMUL: a batch of matrices, and rows of a matrix, with the second operand either way round. */
#include "stj_batch_matmul_s8.h"

#include <stddef.h>

#include "unknown.h"

enum { BATCH = 2, ROWS = 3, DEPTH = 4, COLUMNS = 5 };

/* Both operands in blocks of just their size, the second one with these rows; the result in a ring of two rows. */
static void check(const stj_batch_matmul_operand *a, int32_t a_rows, int32_t a_bytes, const stj_batch_matmul_operand *b,
                  int32_t b_rows, int32_t b_bytes, const stj_batch_matmul_params *rest, int32_t rows) {
    uint8_t *from[2] = {unknown_bytes(a_rows * a_bytes), unknown_bytes(b_rows * b_bytes)};
    int32_t *bias = unknown_words(COLUMNS, -1000, 1000);
    const int32_t bytes = rest->result.width * rest->result.channels;
    uint8_t *to = unknown_bytes(2 * bytes);
    const stj_in in[2] = {{from[0], a_bytes, a_rows}, {from[1], b_bytes, b_rows}};
    const stj_out out = {to, bytes, 2};
    for (int with_bias = 0; with_bias < 2; with_bias++) {
        const stj_batch_matmul_params params = {rest->result,
                                                {*a, *b},
                                                {unknown(-128, 127), unknown(-128, 127)},
                                                DEPTH,
                                                unknown(0, INT32_MAX),
                                                unknown(-31, 0),
                                                unknown(-128, 127),
                                                unknown(-128, 0),
                                                unknown(1, 127),
                                                with_bias ? bias : NULL};
        stj_batch_matmul_s8(&params, in, &out, 0, rows);
    }
    free(from[0]);
    free(from[1]);
    free(bias);
    free(to);
}

int main(void) {
    const stj_batch_matmul_params batch = {.result = {{1, BATCH}, ROWS, COLUMNS}};
    const stj_batch_matmul_operand a = {{0, 0, 1, 0, 0}, {0, 0, 0, DEPTH, 0}, 0, 1};
    const stj_batch_matmul_operand a_turned = {{0, 0, 1, 0, 0}, {0, 0, 0, 1, 0}, 0, ROWS};
    const stj_batch_matmul_operand b = {{0, 0, 1, 0, 0}, {0, 0, 0, 0, 1}, 0, COLUMNS};
    const stj_batch_matmul_operand b_turned = {{0, 0, 1, 0, 0}, {0, 0, 0, 0, DEPTH}, 0, 1};
    check(&a, BATCH, ROWS * DEPTH, &b, BATCH, DEPTH * COLUMNS, &batch, BATCH);
    check(&a_turned, BATCH, ROWS * DEPTH, &b_turned, BATCH, DEPTH * COLUMNS, &batch, BATCH);
    const stj_batch_matmul_params matrix = {.result = {{1, ROWS}, 1, COLUMNS}};
    const stj_batch_matmul_operand row = {{0, 0, 1, 0, 0}, {0, 0, 0, 0, 0}, 0, 1};
    const stj_batch_matmul_operand row_turned = {{0, 0, 0, 0, 0}, {0, 0, 1, 0, 0}, 1, 0};
    const stj_batch_matmul_operand column = {{0, 0, 0, 0, 0}, {0, 0, 0, 0, 1}, 1, 0};
    const stj_batch_matmul_operand column_turned = {{0, 0, 0, 0, 1}, {0, 0, 0, 0, 0}, 0, 1};
    check(&row_turned, DEPTH, ROWS, &column, DEPTH, COLUMNS, &matrix, ROWS);
    check(&row, ROWS, DEPTH, &column, DEPTH, COLUMNS, &matrix, ROWS);
    check(&row, ROWS, DEPTH, &column_turned, COLUMNS, DEPTH, &matrix, ROWS);
    return 0;
}
