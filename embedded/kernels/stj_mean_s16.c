/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_mean_s16.h"

#include "stj_s16.h"

#define BYTES STJ_S16_BYTES
#define LOAD(from) stj_load_s16(from)
#define STORE(to, x) stj_store_s16(to, x)
#define LOWEST INT16_MIN
#define HIGHEST INT16_MAX
#include "stj_mean_axes.h"

void stj_mean_s16(const stj_mean_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    compute_rows(params, in, out, y0, y1);
}
