/* SPDX-License-Identifier: Apache-2.0 */
/* ADD and SUB of two int8 operands that may stretch to each other, for Helium. */
#ifndef STJ_ADD_ANY_S8_MVE_H
#define STJ_ADD_ANY_S8_MVE_H

#include "stj_add_s8.h"

/* As stj_add_s8, with shifts of the operands in [-31, 0] and of the result in [-31, -1]. */
void stj_add_any_s8_mve(const stj_add_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_add_any_s8_mve_tile(const stj_add_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                             const stj_region *region);

#endif
