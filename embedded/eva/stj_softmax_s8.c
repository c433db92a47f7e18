/* SPDX-License-Identifier: Apache-2.0 */
/* SOFTMAX: all pairs of values, and long sums of nearly equal ones. Not for Eva, which does not know that no element is
 * above the highest: it takes every index for possible. Its reciprocal is in scalars.c. */
#include "stj_softmax_s8.h"

#include "unknown.h"

int main(void) {
#ifndef __FRAMAC__
    int32_t *table = unknown_words(256, 0, INT32_MAX);
    table[0] = INT32_MAX;
    for (int32_t pair = 0; pair < 1 << 16; pair++) {
        int8_t values[2] = {(int8_t)(pair % 256 - 128), (int8_t)(pair / 256 - 128)};
        const stj_in in = {(const uint8_t *)values, 2, 1};
        const stj_out out = {(uint8_t *)values, 2, 1};
        const stj_softmax_params params = {1, 2, table, 1};
        stj_softmax_s8(&params, &in, &out, 0, 1);
    }
    for (int32_t classes = 1; classes <= 4095; classes += 89) {
        uint8_t *block = unknown_bytes(classes);
        const stj_in in = {block, classes, 1};
        const stj_out out = {block, classes, 1};
        const stj_softmax_params params = {1, classes, table, 1};
        stj_softmax_s8(&params, &in, &out, 0, 1);
        free(block);
    }
    free(table);
#endif
    return 0;
}
