/* SPDX-License-Identifier: Apache-2.0 */
/* Windows are gathered column by column, then multiplied as vectors: stj_mve_conv.h. */
#include "stj_conv_2d_s8_mve.h"

#include "stj_mve_conv.h"

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

void stj_conv_2d_s8_mve(const stj_conv_2d_mve_params *params, const stj_in *in, const stj_out *out, int32_t y0,
                        int32_t y1) {
    stj_mve_conv_rows(params, in, out, y0, y1);
}

void stj_conv_2d_s8_mve_tile(const stj_conv_2d_mve_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                             const stj_region *region) {
    stj_mve_conv_region(params, in, out, region);
}

#endif
