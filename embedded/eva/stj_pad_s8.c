/* SPDX-License-Identifier: Apache-2.0 */
/* PAD along all axes. */
#include "stj_pad_s8.h"

#include "unknown.h"

int main(void) {
    const stj_pad_params params = {{1, 1, 2, 3, 2}, {1, 2, 5, 4, 4}, {0, 1, 2, 0, 1}, unknown(-128, 127)};
    uint8_t *from = unknown_bytes(6), *to = unknown_bytes(3 * 16);
    const stj_in in = {from, 6, 1};
    const stj_out out = {to, 16, 3};
    stj_pad_s8(&params, &in, &out, 0, 10);
    free(from);
    free(to);
    return 0;
}
