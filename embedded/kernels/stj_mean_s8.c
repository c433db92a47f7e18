/* SPDX-License-Identifier: Apache-2.0 */
#include "stj_mean_s8.h"

#define BYTES 1
#define LOAD(from) (*(from))
#define STORE(to, x) (*(to) = (int8_t)(x))
#define LOWEST INT8_MIN
#define HIGHEST INT8_MAX
#include "stj_mean_axes.h"

void stj_mean_s8(const stj_mean_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1) {
    compute_rows(params, in, out, y0, y1);
}
