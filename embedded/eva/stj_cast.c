/* SPDX-License-Identifier: Apache-2.0 */
/* CAST from every type to every type. */
#include "stj_cast.h"

#include "elements.h"

static void check_cast(int32_t from, int32_t to) {
    static const int32_t bytes[] = {1, 2, 4, 4, 1};
    uint8_t *elements = unknown_bytes(2 * ROW * bytes[from]), *results = unknown_bytes(2 * ROW * bytes[to]);
    const stj_in in = {elements, ROW * bytes[from], 2};
    const stj_out out = {results, ROW * bytes[to], 2};
    const stj_cast_params params = {ROW, from, to};
    stj_cast(&params, &in, &out, 0, HEIGHT);
    free(elements);
    free(results);
}

int main(void) {
    for (int32_t from = STJ_CAST_S8; from <= STJ_CAST_BOOL; from++) {
        for (int32_t to = STJ_CAST_S8; to <= STJ_CAST_BOOL; to++) {
            check_cast(from, to);
        }
    }
    return 0;
}
