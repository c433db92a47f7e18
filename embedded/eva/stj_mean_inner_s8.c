/* SPDX-License-Identifier: Apache-2.0 */
/* MEAN and SUM over the last axes: results per input row, and input rows per output row. */
#include "stj_mean_inner_s8.h"

#include "unknown.h"

static void check_mean(int32_t count, int32_t per_row, int32_t row_elements) {
    enum { ROWS = 4 };
    const int32_t outputs = ROWS * per_row / row_elements;
    uint8_t *from = unknown_bytes(ROWS * per_row * count), *to = unknown_bytes(row_elements);
    const stj_mean_inner_params params = {
        count,           per_row,           row_elements, count * unknown(-128, 127), unknown(0, INT32_MAX),
        unknown(-31, 4), unknown(-128, 127)};
    const stj_in in = {from, per_row * count, ROWS};
    const stj_out out = {to, row_elements, 1};
    stj_mean_inner_s8(&params, &in, &out, 0, outputs);
    free(from);
    free(to);
}

int main(void) {
    check_mean(3, 3, 12);
    check_mean(5, 1, 4);
    check_mean(2, 3, 3);
    check_mean(2, 4, 2);
    return 0;
}
