/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of 256 entries, elements by fours. */
#include "stj_lookup_s8_dsp.h"

#include "elements.h"

static void tile(const stj_pixels_in *in, const stj_pixels_out *out, const stj_region *region) {
    uint8_t *table = unknown_bytes(256);
    const stj_lookup_dsp_params params = {0, table};
    stj_lookup_s8_dsp_tile(&params, in, out, region);
    free(table);
}

int main(void) {
    uint8_t *bytes = unknown_bytes(2 * ROW), *table = unknown_bytes(256);
    const stj_in in = {bytes, ROW, 2};
    const stj_out out = {bytes, ROW, 2};
    const stj_lookup_dsp_params params = {ROW, table};
    stj_lookup_s8_dsp(&params, &in, &out, 0, HEIGHT);
    free(bytes);
    free(table);
    check_regions(tile);
    return 0;
}
