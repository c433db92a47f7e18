/* SPDX-License-Identifier: Apache-2.0 */
/* L2_NORMALIZATION: rows of vectors, in place. */
#include "stj_l2_normalization_s8.h"

#include "unknown.h"

int main(void) {
    for (int32_t channels = 1; channels <= 5; channels += 2) {
        const stj_l2_normalization_params params = {3, channels, unknown(-128, 127)};
        uint8_t *block = unknown_bytes(2 * 3 * channels);
        const stj_in in = {block, 3 * channels, 2};
        const stj_out out = {block, 3 * channels, 2};
        stj_l2_normalization_s8(&params, &in, &out, 0, 2);
        free(block);
    }
    return 0;
}
