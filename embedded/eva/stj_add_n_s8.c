/* SPDX-License-Identifier: Apache-2.0 */
/* ADD_N of three operands. */
#include "stj_add_n_s8.h"

#include "unknown.h"

enum { ROWS = 4, ROW = 5, COUNT = 3 };

int main(void) {
    uint8_t *from[COUNT], *to = unknown_bytes(2 * ROW);
    stj_in in[COUNT];
    for (int k = 0; k < COUNT; k++) {
        from[k] = unknown_bytes(ROWS * ROW);
        in[k] = (stj_in){from[k], ROW, ROWS};
    }
    const stj_out out = {to, ROW, 2};
    const stj_add_n_params params = {
        ROW, COUNT, unknown(-128, 127), unknown(0, INT32_MAX), unknown(-31, 0), unknown(-128, 127)};
    stj_add_n_s8(&params, in, &out, 0, ROWS);
    for (int k = 0; k < COUNT; k++) {
        free(from[k]);
    }
    free(to);
    return 0;
}
