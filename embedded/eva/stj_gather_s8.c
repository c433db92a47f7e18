/* SPDX-License-Identifier: Apache-2.0 */
/* GATHER at places of which nothing is known. */
#include "stj_gather_s8.h"

#include "unknown.h"

static void check_gather(int32_t outer, int32_t extent, int32_t places, int32_t inner, int32_t rows) {
    const int32_t results = outer * places * inner;
    uint8_t *from = unknown_bytes(outer * extent * inner), *at = unknown_bytes(4 * places);
    uint8_t *to = unknown_bytes(results);
    const stj_in in[2] = {{from, outer * inner, extent}, {at, 4 * places, 1}};
    const stj_out out = {to, results / rows, rows};
    const stj_gather_params params = {results / rows, extent, places, inner};
    stj_gather_s8(&params, in, &out, 0, rows);
    free(from);
    free(at);
    free(to);
}

int main(void) {
    check_gather(1, 5, 3, 4, 3);
    check_gather(2, 3, 2, 1, 1);
    check_gather(3, 2, 4, 6, 4);
    check_gather(1, 1, 1, 1, 1);
    return 0;
}
