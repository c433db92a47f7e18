/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_NEAREST_NEIGHBOR. */
#include "stj_resize_nearest_neighbor.h"

#include "unknown.h"

int main(void) {
    static const int32_t rows[5] = {0, 0, 1, 1, 2}, columns[3] = {0, 2, 2};
    const stj_resize_nearest_neighbor_params params = {3, 2, rows, columns};
    uint8_t *from = unknown_bytes(2 * 4), *to = unknown_bytes(2 * 6);
    const stj_in in = {from, 4, 2};
    const stj_out out = {to, 6, 2};
    stj_resize_nearest_neighbor(&params, &in, &out, 0, 5);
    free(from);
    free(to);
    return 0;
}
