/* SPDX-License-Identifier: Apache-2.0 */
/* RESIZE_BILINEAR. */
#include "stj_resize_bilinear_s8.h"

#include "unknown.h"

/* Three rows of two pixels to five of four; a place before the image, and one between its last two positions. */
static const stj_resize_bilinear_params PARAMS = {3, 2, 5, 4, 2, 614, 512, -205, -256};

static void rows(void) {
    uint8_t *from = unknown_bytes(2 * 4), *to = unknown_bytes(2 * 8);
    const stj_in in = {from, 4, 2};
    const stj_out out = {to, 8, 2};
    stj_resize_bilinear_s8(&PARAMS, &in, &out, 0, 5);
    free(from);
    free(to);
}

static void tile(int32_t ring_rows) {
    const int32_t pixels = ring_rows > 0 ? 2 * 2 : 3;
    uint8_t *from = unknown_bytes(pixels * 2), *to = unknown_bytes(4 * 2);
    const stj_pixels_in in = {from, 2, 2, ring_rows, pixels};
    const stj_pixels_out out = {to, 2, 2, 2, 4};
    const stj_region region = {3, 5, 2, 4};
    stj_resize_bilinear_s8_tile(&PARAMS, &in, &out, &region);
    free(from);
    free(to);
}

int main(void) {
    rows();
    tile(2);
    tile(0);
    return 0;
}
