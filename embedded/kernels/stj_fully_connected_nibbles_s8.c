/* SPDX-License-Identifier: Apache-2.0 */
/* FULLY_CONNECTED in plain C, half a byte for each weight. */
#include "stj_fully_connected_nibbles_s8.h"

#include "stj_nibbles.h"

#define BYTES (STJ_FULLY_CONNECTED_LANES / 2)
#define WEIGHT(w, k) stj_nibble(w, k)
#include "stj_fully_connected_loops.h"

void stj_fully_connected_nibbles_s8(const stj_fully_connected_params *params, const stj_in *in, const stj_out *out,
                                    int32_t y0, int32_t y1) {
    compute_rows(params, in, out, y0, y1);
}
