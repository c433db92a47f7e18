/* SPDX-License-Identifier: Apache-2.0 */
/* MUL of two int8 operands that may stretch to each other, for Helium. */
#ifndef STJ_MUL_S8_MVE_H
#define STJ_MUL_S8_MVE_H

#include "stj_mul_s8.h"

/* As stj_mul_s8, with shifts in [-31, 0]. */
void stj_mul_s8_mve(const stj_mul_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_mul_s8_mve_tile(const stj_mul_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                         const stj_region *region);

#endif
