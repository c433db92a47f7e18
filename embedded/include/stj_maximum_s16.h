/* SPDX-License-Identifier: Apache-2.0 */
/* MAXIMUM and MINIMUM of two int16 operands that may stretch to each other, with the parameters of stj_maximum_s8.h. */
#ifndef STJ_MAXIMUM_S16_H
#define STJ_MAXIMUM_S16_H

#include "stj_maximum_s8.h"

/* Computes rows [y0, y1) of out[0] from in[0] and in[1]. An operand of the result's shape may lie where the result
 * does. */
void stj_maximum_s16(const stj_maximum_params *params, const stj_in *in, const stj_out *out, int32_t y0, int32_t y1);

/* The same for a region of images (stj_tile.h); both operands have the result's shape, and one of them may lie exactly
 * where the result does. */
void stj_maximum_s16_tile(const stj_maximum_params *params, const stj_pixels_in *in, const stj_pixels_out *out,
                          const stj_region *region);

#endif
